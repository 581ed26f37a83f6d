-- The spans that no wave has reached, one row per span (a temporary table): deep ones, and those in or below a cycle.
CREATE OR REPLACE TEMPORARY TABLE rest ENGINE = Memory AS
SELECT * FROM spans WHERE span NOT IN (SELECT span FROM tree)
