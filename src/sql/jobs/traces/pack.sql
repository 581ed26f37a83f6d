-- Publishes the traces of the build's hours, one row per hour. Replaces an hour whole: the highest version wins.
INSERT INTO traces_by_hour
SELECT
    h.hour,
    {version:UInt64},
    any(r.rows_in),
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
FROM (SELECT toDateTime(arrayJoin({hours:Array(UInt32)}), 'UTC') AS hour) AS h
LEFT JOIN (SELECT hour, sum(o.rows_in) AS rows_in FROM rows_of_parts AS o GROUP BY hour) AS r ON r.hour = h.hour
LEFT JOIN (SELECT * FROM traces_part ORDER BY hour, start_ns, trace_id) AS t ON t.hour = h.hour
GROUP BY h.hour
