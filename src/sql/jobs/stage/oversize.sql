-- Traces with more spans than one build holds, one row per trace (a temporary table). Asked only about hours that are built in parts; a
-- trace cannot be split, and taking it would take memory without a bound.
CREATE OR REPLACE TEMPORARY TABLE oversize ENGINE = Memory AS
SELECT TraceKey AS trace, count() AS spans, any(TraceId) AS trace_id, any(b.hour) AS hour
FROM otel_traces
INNER JOIN (SELECT trace, hour FROM batch_traces) AS b ON b.trace = TraceKey
WHERE Timestamp >= (SELECT min(hour) FROM batch_traces)
    AND Timestamp <= (SELECT fromUnixTimestamp64Nano(max(last_ns)) FROM batch_traces)
GROUP BY trace
HAVING spans > {most:UInt64}
