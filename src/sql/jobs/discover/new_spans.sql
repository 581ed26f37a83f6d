-- The traces that new spans touched, one row per trace, for one run (a temporary table). Reads by insertion time only, which its index
-- makes cheap however long the history is. hour: where the trace would begin if these were all of its spans.
CREATE OR REPLACE TEMPORARY TABLE touched
(
    trace UInt64, first_ns Int64, last_ns Int64, hour DateTime('UTC'), spans UInt64
)
ENGINE = Memory AS
SELECT
    TraceKey AS trace,
    min(toUnixTimestamp64Nano(Timestamp)) AS first_ns,
    max(toUnixTimestamp64Nano(Timestamp)) AS last_ns,
    toDateTime(intDiv(greatest(first_ns, 0), 3600000000000) * 3600, 'UTC') AS hour,
    count() AS spans
FROM otel_traces
WHERE InsertedAt > {since:DateTime64(6, 'UTC')}
GROUP BY trace
