-- Traces with spans that the tree has not reached, one row per trace (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE incomplete ENGINE = Memory AS
SELECT trace
FROM
(
    SELECT trace, toInt64(s.spans) AS missing FROM traces AS s
    UNION ALL
    SELECT trace, -toInt64(count()) FROM tree GROUP BY trace
)
GROUP BY trace
HAVING sum(missing) > 0
