-- The spans stored more than once, one row per span (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE duplicates ENGINE = Memory AS
SELECT span FROM spans GROUP BY span HAVING count() > 1
