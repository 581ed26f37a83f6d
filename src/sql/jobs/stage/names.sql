-- The names behind the keys, one row per name (a temporary table). 0 and 1 stand for the callers of spans without a parent.
CREATE OR REPLACE TEMPORARY TABLE names ENGINE = Memory AS
SELECT key, any(name) AS name
FROM
(
    SELECT 0 AS key, '(root)' AS name
    UNION ALL SELECT 1, '(missing parent)'
    UNION ALL SELECT DISTINCT service_key, service FROM spans
    UNION ALL SELECT DISTINCT name_key, name FROM spans
    UNION ALL SELECT DISTINCT agent_key, agent FROM spans WHERE agent_key != 0
    UNION ALL SELECT DISTINCT destination_key, destination FROM spans WHERE destination_key != 0
)
GROUP BY key
