-- Hides a table of hours behind an empty one of the same shape in this session only (a temporary table), so that the jobs publish there.
CREATE TEMPORARY TABLE {table:Identifier} ENGINE = ReplacingMergeTree(version) ORDER BY hour AS
SELECT * FROM {table:Identifier} LIMIT 0
