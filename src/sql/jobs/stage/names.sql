-- The names behind the keys, one row per name (a temporary table). 0 and 1 stand for the callers of spans without a parent.
CREATE OR REPLACE TEMPORARY TABLE names ENGINE = Memory AS
SELECT 0::UInt64 AS key, '(root)' AS name
UNION ALL
SELECT 1::UInt64, '(missing parent)'
UNION ALL
SELECT DISTINCT sipHash64(name)::UInt64, name
FROM
(
    SELECT service::String AS name FROM spans GROUP BY service
    UNION ALL
    SELECT s.name::String FROM spans AS s GROUP BY s.name
    UNION ALL
    SELECT agent::String FROM spans GROUP BY agent
    UNION ALL
    SELECT destination::String FROM spans GROUP BY destination
)
