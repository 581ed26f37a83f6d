-- Traces with more spans than one build holds, one row per trace (a temporary table), of the whole build. Asked only about hours that are
-- built in parts; a trace cannot be split, and taking it would take memory without a bound.
CREATE OR REPLACE TEMPORARY TABLE oversize ENGINE = Memory AS
SELECT TraceKey AS trace, count() AS spans
FROM otel_traces
WHERE Timestamp >= (SELECT min(hour) FROM batch_hours)
    AND Timestamp <= (SELECT fromUnixTimestamp64Nano(max(last_ns)) FROM trace_hours WHERE hour IN (SELECT hour FROM batch_hours))
GROUP BY trace
HAVING spans > {most:UInt64}
