-- The touched traces that are known in more than one hour, one row per (trace, hour), for one run (a temporary table): few, so what
-- follows is cheap. Read after this run's own notes were written: of two runs at once, the one that reads last sees both.
-- {days} days around the touched spans are searched.
CREATE OR REPLACE TEMPORARY TABLE known ENGINE = Memory AS
SELECT
    hour,
    trace,
    max(k.moved) AS moved,
    min(k.first_ns) AS first_ns,
    max(k.last_ns) AS last_ns
FROM trace_hours AS k
WHERE trace IN (
        SELECT k.trace
        FROM trace_hours AS k
        INNER JOIN touched AS t ON t.trace = k.trace
        WHERE k.hour != t.hour
            AND k.hour >= (SELECT min(hour) FROM touched) - toIntervalDay({days:UInt32})
            AND k.hour <= (SELECT toDateTime(intDiv(greatest(max(last_ns), 0), 1000000000), 'UTC') FROM touched) + toIntervalDay({days:UInt32}))
    AND hour >= (SELECT min(hour) FROM touched) - toIntervalDay({days:UInt32})
    AND hour <= (SELECT toDateTime(intDiv(greatest(max(last_ns), 0), 1000000000), 'UTC') FROM touched) + toIntervalDay({days:UInt32})
GROUP BY hour, trace
