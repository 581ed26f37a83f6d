-- Everything known of the touched traces, one row per (trace, hour), for one run (a temporary table). Read after this run's own notes
-- were written: of two runs at once, the one that reads last sees both. {days} days around the touched spans are searched.
CREATE OR REPLACE TEMPORARY TABLE known ENGINE = Memory AS
SELECT
    hour,
    trace,
    max(moved) AS moved,
    max(trace_id) AS trace_id,
    min(first_ns) AS first_ns,
    max(last_ns) AS last_ns
FROM trace_hours
WHERE trace IN (SELECT trace FROM touched)
    AND hour >= (SELECT toDateTime(intDiv(greatest(min(first_ns), 0), 1000000000), 'UTC') FROM touched) - toIntervalDay({days:UInt32})
    AND hour <= (SELECT toDateTime(intDiv(greatest(max(last_ns), 0), 1000000000), 'UTC') FROM touched) + toIntervalDay({days:UInt32})
GROUP BY hour, trace
