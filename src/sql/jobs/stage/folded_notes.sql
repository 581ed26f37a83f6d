-- Notes on the traces that are very big, or whose frames end above their spans, one row per trace and at most twenty an hour.
SELECT
    toUnixTimestamp(t.hour) AS hour,
    concat('trace ', substring(i.trace_id, 1, 64), ' has ', toString(t.spans), ' spans, ', toString(t.depth), ' deep',
        if(t.depth < t.frames, '', concat(': frames below ', toString(t.frames), ' are folded'))) AS note
FROM
(
    SELECT trace, any(hour) AS hour, count() AS spans, max(depth) + 1 AS depth,
        if(trace IN (SELECT trace FROM big_traces), {big_max_depth:UInt32}, {max_depth:UInt32}) AS frames
    FROM tree
    GROUP BY trace
    HAVING depth > {max_depth:UInt32} OR trace IN (SELECT trace FROM big_traces)
) AS t
INNER JOIN
(
    SELECT TraceKey AS trace, any(TraceId) AS trace_id
    FROM otel_traces
    WHERE TraceKey IN (SELECT trace FROM big_traces UNION ALL SELECT trace FROM tree WHERE depth >= {max_depth:UInt32})
        AND Timestamp >= (SELECT min(hour) FROM batch_traces)
        AND Timestamp <= (SELECT fromUnixTimestamp64Nano(max(last_ns)) FROM batch_traces)
    GROUP BY trace
) AS i ON i.trace = t.trace
ORDER BY hour, note
LIMIT 20 BY hour
