-- The touched traces that are known in more than one hour, one row per (trace, hour), for one run (a temporary table): few, so what
-- follows is cheap. Read after this run's own notes were written: of two runs at once, the one that reads last sees both.
-- {days} days around the touched spans are searched.
CREATE OR REPLACE TEMPORARY TABLE known ENGINE = Memory AS
WITH
    (
        SELECT (min(hour) - toIntervalDay({days:UInt32}), toDateTime(intDiv(greatest(max(last_ns), 0), 1000000000), 'UTC') + toIntervalDay({days:UInt32}))
        FROM touched
    ) AS around
SELECT
    hour,
    trace,
    max(k.moved) AS moved,
    min(k.first_ns) AS first_ns,
    max(k.last_ns) AS last_ns
FROM trace_hours AS k
WHERE trace IN (
        SELECT o.trace
        FROM trace_hours AS o
        INNER JOIN touched AS t ON t.trace = o.trace
        WHERE o.hour != t.hour AND o.hour >= around.1 AND o.hour <= around.2)
    AND hour >= around.1
    AND hour <= around.2
GROUP BY hour, trace
