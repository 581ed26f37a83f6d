-- The first wave of the tree: spans without a parent, and those whose parent is not there. One row per root.
INSERT INTO tree
WITH
    if(s.agent_key != 0, s.agent_key, s.service_key) AS own_agent,
    toUInt64(s.parent != 0) AS missing
SELECT
    0, 0, b.hour, if(t.weight = 0, 1000000, t.weight), s.trace, s.span, 0, s.id_order, s.start, s.end, s.start, s.end, 0, 0,
    missing * 11400714819323198483 + sipHash64(own_agent, s.name_key),
    missing,
    own_agent,
    missing,
    s.service_key, s.name_key, s.destination_key, 0, s.kind, 0, s.error, s.input, s.output
FROM spans AS s
INNER JOIN batch_traces AS b ON b.trace = s.trace
LEFT JOIN trace_weights AS t ON t.trace = s.trace
WHERE s.parent = 0 OR s.parent NOT IN (SELECT span FROM spans)
