-- The traces that new spans touched, one row per trace, for one run (a temporary table). Reads by insertion time only, which its index
-- makes cheap however long the history is.
CREATE OR REPLACE TEMPORARY TABLE touched ENGINE = Memory AS
SELECT
    TraceKey AS trace,
    max(TraceId) AS trace_id,
    min(toUnixTimestamp64Nano(Timestamp)) AS first_ns,
    max(toUnixTimestamp64Nano(Timestamp)) AS last_ns
FROM otel_traces
WHERE InsertedAt > {since:DateTime64(6, 'UTC')}
GROUP BY trace
