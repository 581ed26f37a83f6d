-- The traces that belong to the hours of one build, one row per trace (a temporary table); of an hour too big for one go, one part.
CREATE OR REPLACE TEMPORARY TABLE batch_traces ENGINE = Memory AS
SELECT trace, min(hour) AS hour, max(last_ns) AS last_ns
FROM
(
    SELECT hour, trace, max(last_ns) AS last_ns
    FROM trace_hours
    WHERE hour IN {hours:Array(UInt32)} AND trace % {parts:UInt32} = {part:UInt32}
    GROUP BY hour, trace
    HAVING max(moved) = 0
)
GROUP BY trace
