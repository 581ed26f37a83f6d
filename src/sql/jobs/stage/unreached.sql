-- The spans that no wave has reached yet, one row per span (a temporary table): deep ones, and those in or below a cycle.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT * FROM {from:Identifier} WHERE span NOT IN (SELECT span FROM tree)
