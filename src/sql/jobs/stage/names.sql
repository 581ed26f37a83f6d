-- The names behind the keys, one row per name (a temporary table). 0 and 1 stand for the callers of spans without a parent.
CREATE OR REPLACE TEMPORARY TABLE names ENGINE = Memory AS
SELECT one.1 AS key, any(one.2) AS name
FROM
(
    SELECT arrayJoin(arrayConcat(
        [(0::UInt64, '(root)'), (1::UInt64, '(missing parent)'), (service_key, any(service)::String), (name_key, any(name)::String)],
        if(agent_key = 0, [], [(agent_key, any(agent)::String)]),
        if(destination_key = 0, [], [(destination_key, any(destination)::String)]))) AS one
    FROM spans
    GROUP BY service_key, name_key, agent_key, destination_key
)
GROUP BY key
