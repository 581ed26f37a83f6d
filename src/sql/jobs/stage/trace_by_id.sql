-- One trace by its id, one row or none (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE batch_traces
(
    trace UInt64, hour DateTime('UTC'), last_ns Int64
)
ENGINE = Memory AS
SELECT
    sipHash64({trace:String}) AS trace,
    toDateTime(intDiv(greatest(min(toUnixTimestamp64Nano(Timestamp)), 0), 3600000000000) * 3600, 'UTC') AS hour,
    max(toUnixTimestamp64Nano(Timestamp)) AS last_ns
FROM otel_traces
WHERE TraceId = {trace:String}
HAVING count() > 0
