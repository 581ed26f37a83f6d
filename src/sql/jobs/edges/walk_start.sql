-- The spans that start before their parents, each on its way up, one row per span and step (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE walk ENGINE = Memory AS
SELECT DISTINCT 0::UInt32 AS step, parent AS next FROM calls WHERE backwards
