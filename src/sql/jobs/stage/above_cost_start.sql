-- The parents of spans that report a cost, one row per span. Nothing to do when no span with a cost has children.
INSERT INTO above_cost
WITH reporting AS (SELECT span FROM spans WHERE cost > 0)
SELECT DISTINCT 0, parent
FROM tree
WHERE parent != 0
    AND span IN (SELECT span FROM reporting)
    AND (SELECT count() FROM tree WHERE parent IN (SELECT span FROM reporting)) > 0
