-- One step further up for the callers without an agent yet, one row per span: the agent is the ancestor's when it is of the same service,
-- else the service.
INSERT INTO climbs
SELECT
    {step:UInt32},
    c.span,
    c.service_key,
    p.parent,
    if(p.span = 0 OR p.service_key != c.service_key, c.service_key, p.agent_key)
FROM (SELECT span, service_key, next FROM climbs WHERE step = {step:UInt32} - 1 AND agent = 0) AS c
LEFT JOIN
(
    SELECT span, parent, service_key, agent_key
    FROM spans
    WHERE span IN (SELECT next FROM climbs WHERE step = {step:UInt32} - 1 AND agent = 0)
) AS p ON p.span = c.next
