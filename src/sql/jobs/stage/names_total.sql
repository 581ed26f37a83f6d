-- The names behind the keys of the whole build, one row per name (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE names_of_batch ENGINE = Memory AS
SELECT key, any(name) AS name FROM names_of_parts GROUP BY key
