-- Spans whose parent is not there, as roots of the tree, one row per root: a wave of its own, after those below the roots.
INSERT INTO tree
WITH if(s.agent_key != 0, s.agent_key, s.service_key) AS own_agent
SELECT
    {wave:UInt32}, 0, t.hour, t.weight, s.trace, s.span, 0, s.id_order, s.start, s.end, s.start, s.end, 0, 0,
    11400714819323198483 + sipHash64(own_agent, s.name_key),
    1,
    own_agent,
    1,
    s.service_key, s.name_key, s.destination_key, 0, s.kind, 0, s.error, s.input, s.output
FROM (SELECT * FROM spans WHERE parent != 0 AND trace IN (SELECT trace FROM incomplete)) AS s
INNER JOIN traces AS t ON t.trace = s.trace
WHERE s.parent NOT IN (SELECT span FROM spans WHERE trace IN (SELECT trace FROM incomplete))
