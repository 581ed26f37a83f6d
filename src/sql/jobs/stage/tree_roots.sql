-- The first wave of the tree: spans without a parent. One row per root.
INSERT INTO tree
WITH if(s.agent_key != 0, s.agent_key, s.service_key) AS own_agent
SELECT
    0, 0, t.hour, t.weight, s.trace, s.span, 0, s.id_order, s.start, s.end, s.start, s.end, 0, 0,
    sipHash64(own_agent, s.name_key),
    0,
    own_agent,
    0,
    s.service_key, s.name_key, s.destination_key, 0, s.kind, 0, s.error, s.input, s.output
FROM spans AS s
INNER JOIN traces AS t ON t.trace = s.trace
WHERE s.parent = 0
