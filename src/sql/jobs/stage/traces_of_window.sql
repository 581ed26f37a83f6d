-- The traces whose earliest span lies in a window of any length, one row per trace (a temporary table), straight from the spans.
-- {days} days around the window are read too, so that traces are whole.
CREATE OR REPLACE TEMPORARY TABLE batch_traces
(
    trace UInt64, hour DateTime('UTC'), last_ns Int64
)
ENGINE = Memory AS
SELECT
    TraceKey AS trace,
    toDateTime(intDiv(greatest(min(toUnixTimestamp64Nano(Timestamp)), 0), 3600000000000) * 3600, 'UTC') AS hour,
    max(toUnixTimestamp64Nano(Timestamp)) AS last_ns
FROM otel_traces
WHERE Timestamp >= {from:DateTime64(9, 'UTC')} - toIntervalDay({days:UInt32})
    AND Timestamp < {to:DateTime64(9, 'UTC')} + toIntervalDay({days:UInt32})
GROUP BY trace
HAVING min(Timestamp) >= {from:DateTime64(9, 'UTC')} AND min(Timestamp) < {to:DateTime64(9, 'UTC')}
