-- The ids behind the keys of the build's traces, one row per trace (a temporary table). The other jobs need none.
CREATE OR REPLACE TEMPORARY TABLE trace_ids ENGINE = Memory AS
SELECT TraceKey AS trace, any(TraceId) AS trace_id
FROM otel_traces
WHERE TraceKey IN (SELECT trace FROM traces)
    AND Timestamp >= (SELECT min(hour) FROM batch_traces)
    AND Timestamp <= (SELECT fromUnixTimestamp64Nano(max(last_ns)) FROM batch_traces)
GROUP BY trace
