-- Publishes the agents of the build's hours, one row per hour. Replaces an hour whole: the highest version wins.
INSERT INTO agents_by_hour
SELECT
    h.hour,
    {version:UInt64},
    any(h.rows_in),
    groupArrayIf(a.agent, a.spans > 0),
    groupArrayIf(a.calls / 1000000, a.spans > 0),
    groupArrayIf(a.call_errors / 1000000, a.spans > 0),
    groupArrayIf(a.spans / 1000000, a.spans > 0),
    groupArrayIf(a.errors / 1000000, a.spans > 0),
    groupArrayIf(toFloat64(a.self_ns) / 1000000, a.spans > 0),
    groupArrayIf(toFloat64(a.input_tokens) / 1000000, a.spans > 0),
    groupArrayIf(toFloat64(a.output_tokens) / 1000000, a.spans > 0),
    groupArrayIf(a.durations.1, a.spans > 0),
    groupArrayIf(a.durations.2, a.spans > 0),
    groupArrayIf(toFloat64(a.cost) / 1000000000000000, a.spans > 0)
FROM (SELECT toDateTime(one.1, 'UTC') AS hour, one.2 AS rows_in FROM (SELECT arrayJoin(arrayZip({hours:Array(UInt32)}, {spans:Array(UInt64)})) AS one)) AS h
LEFT JOIN
(
    SELECT
        p.hour AS hour,
        any(n.name) AS agent,
        sum(p.calls) AS calls,
        sum(p.call_errors) AS call_errors,
        sum(p.spans) AS spans,
        sum(p.errors) AS errors,
        sum(p.self_ns) AS self_ns,
        sum(p.input_tokens) AS input_tokens,
        sum(p.output_tokens) AS output_tokens,
        sum(p.cost) AS cost,
        arraySort(groupArrayIf((p.bucket, p.calls), p.bucket >= 0)) AS durations
    FROM
    (
        SELECT
            hour, agent, bucket, sum(o.calls) AS calls, sum(o.call_errors) AS call_errors, sum(o.spans) AS spans, sum(o.errors) AS errors,
            sum(o.self_ns) AS self_ns, sum(o.input_tokens) AS input_tokens, sum(o.output_tokens) AS output_tokens,
            sum(o.cost) AS cost
        FROM agents_part AS o
        GROUP BY hour, agent, bucket
    ) AS p
    LEFT ANY JOIN names AS n ON n.key = p.agent
    GROUP BY hour, p.agent
    ORDER BY hour, agent
) AS a ON a.hour = h.hour
GROUP BY h.hour
