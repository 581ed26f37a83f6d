-- How much of each parent its direct children cover, one row per parent (a temporary table): the union of their intervals, clipped to
-- the parent's own. Self time is the duration minus this, so it is never negative, whatever the clocks say.
CREATE OR REPLACE TEMPORARY TABLE covered ENGINE = Memory AS
SELECT
    parent AS span,
    any(hour) AS hour,
    any(weight) AS weight,
    any(parent_path) AS path,
    any(parent_agent) AS agent,
    intervalLengthSum(greatest(start, parent_start), least(end, parent_end)) AS covered_ns
FROM tree
WHERE parent != 0 AND greatest(start, parent_start) < least(end, parent_end)
GROUP BY span
