-- The names behind the keys, one row per name and part of the build (a temporary table). 0 and 1 stand for the callers of spans without a
-- parent.
CREATE OR REPLACE TEMPORARY TABLE names ENGINE = Memory AS
SELECT 0::UInt64 AS key, '(root)' AS name
UNION ALL
SELECT 1::UInt64, '(missing parent)'
