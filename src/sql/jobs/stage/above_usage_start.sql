-- The parents of spans that report token usage, one row per span. Nothing to do when no span with usage has children.
INSERT INTO above_usage
SELECT DISTINCT 0, parent
FROM tree
WHERE input + output > 0
    AND parent != 0
    AND (SELECT count() FROM tree WHERE parent IN (SELECT span FROM tree WHERE input + output > 0)) > 0
