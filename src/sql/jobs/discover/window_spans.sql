-- The traces with spans in or near a window, one row per trace, for one run (a temporary table). {days} days around the window are read
-- too, so that traces which begin before it or end after it are whole.
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
WHERE Timestamp >= {from:DateTime64(9, 'UTC')} - toIntervalDay({days:UInt32})
    AND Timestamp < {to:DateTime64(9, 'UTC')} + toIntervalDay({days:UInt32})
GROUP BY trace
HAVING last_ns >= toUnixTimestamp64Nano({from:DateTime64(9, 'UTC')}) AND first_ns < toUnixTimestamp64Nano({to:DateTime64(9, 'UTC')})
