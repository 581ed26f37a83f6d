-- One step further up, one row per span that has no agent yet or is far from its root: the agent is the ancestor's when it is of the same
-- service, else the service.
INSERT INTO climbs
SELECT
    {step:UInt32},
    c.span,
    c.service_key,
    p.parent,
    multiIf(c.agent != 0, c.agent, p.span = 0 OR p.service_key != c.service_key, c.service_key, p.agent_key),
    c.far
FROM (SELECT * FROM climbs WHERE step = {step:UInt32} - 1 AND (agent = 0 OR (far AND next != 0))) AS c
LEFT JOIN
(
    SELECT span, parent, service_key, agent_key
    FROM spans
    WHERE span IN (SELECT next FROM climbs WHERE step = {step:UInt32} - 1 AND (agent = 0 OR (far AND next != 0)))
) AS p ON p.span = c.next
