-- Publishes the stacks of the build's hours, one row per hour. Replaces an hour whole: the highest version wins, in whatever order.
INSERT INTO stacks_by_hour
SELECT
    h.hour,
    {version:UInt64},
    any(h.rows_in),
    groupArrayIf(path, s.calls > 0),
    groupArrayIf(toFloat64(self_ns) / 1000000, s.calls > 0),
    groupArrayIf(toFloat64(tokens) / 1000000, s.calls > 0),
    groupArrayIf(errors / 1000000, s.calls > 0),
    groupArrayIf(calls / 1000000, s.calls > 0)
FROM (SELECT toDateTime(one.1, 'UTC') AS hour, one.2 AS rows_in FROM (SELECT arrayJoin(arrayZip({hours:Array(UInt32)}, {spans:Array(UInt64)})) AS one)) AS h
LEFT JOIN
(
    SELECT hour, path, sum(p.self_ns) AS self_ns, sum(p.tokens) AS tokens, sum(p.errors) AS errors, sum(p.calls) AS calls
    FROM stacks_part AS p
    GROUP BY hour, path
    ORDER BY hour, path
) AS s ON s.hour = h.hour
GROUP BY h.hour
