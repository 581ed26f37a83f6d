-- Publishes the traces of the build's hours, one row per hour. Replaces an hour whole: the highest version wins.
INSERT INTO traces_by_hour
SELECT
    h.hour,
    {version:UInt64},
    any(h.rows_in),
    groupArrayIf(trace_id, t.spans > 0),
    groupArrayIf(start_ns, t.spans > 0),
    groupArrayIf(duration_ns, t.spans > 0),
    groupArrayIf(root_name, t.spans > 0),
    groupArrayIf(root_agent, t.spans > 0),
    groupArrayIf(spans, t.spans > 0),
    groupArrayIf(agents, t.spans > 0),
    groupArrayIf(errors, t.spans > 0),
    groupArrayIf(input_tokens, t.spans > 0),
    groupArrayIf(output_tokens, t.spans > 0),
    groupArrayIf(keep_reason, t.spans > 0),
    groupArrayIf(complete, t.spans > 0),
    groupArrayIf(weight, t.spans > 0)
FROM (SELECT toDateTime(one.1, 'UTC') AS hour, one.2 AS rows_in FROM (SELECT arrayJoin(arrayZip({hours:Array(UInt32)}, {spans:Array(UInt64)})) AS one)) AS h
LEFT JOIN (SELECT * FROM traces_part ORDER BY hour, start_ns, trace_id) AS t ON t.hour = h.hour
GROUP BY h.hour
