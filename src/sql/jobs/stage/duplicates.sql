-- The spans stored more than once, one row per span (a temporary table). Most builds have none.
CREATE OR REPLACE TEMPORARY TABLE duplicates ENGINE = Memory AS
SELECT span
FROM spans
WHERE trace IN (SELECT trace FROM traces WHERE duplicated)
GROUP BY span
HAVING count() > 1
