-- The names behind the keys of this part of the build, one row per name. 0 and 1 stand for the callers of spans without a parent.
CREATE OR REPLACE TEMPORARY TABLE names
(
    key UInt64, name String
)
ENGINE = Memory AS
SELECT DISTINCT sipHash64(name)::UInt64 AS key, name
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
UNION ALL
SELECT 0::UInt64, '(root)'
UNION ALL
SELECT 1::UInt64, '(missing parent)'
