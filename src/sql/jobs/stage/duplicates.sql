-- The spans stored more than once, one row per span (a temporary table). Most builds have none, which counting distinct spans tells for
-- half the price of grouping by them.
CREATE OR REPLACE TEMPORARY TABLE duplicates ENGINE = Memory AS
SELECT span
FROM spans
WHERE (SELECT uniqExact(span) < count() FROM spans)
GROUP BY span
HAVING count() > 1
