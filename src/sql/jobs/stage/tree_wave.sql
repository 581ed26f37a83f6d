-- One more wave of the tree: the children of the spans that the last wave reached. One row per span; run until a wave is empty.
-- An agent is handed down within a service. Below {max_depth} the path stays that of the ancestor there, so paths are bounded.
INSERT INTO tree
WITH
    multiIf(s.agent_key != 0, s.agent_key, s.service_key = p.service_key, p.agent, s.service_key) AS own_agent,
    p.depth + 1 < {max_depth:UInt32} AS framed
SELECT
    {wave:UInt32},
    p.depth + 1,
    p.hour,
    p.weight,
    s.trace,
    s.span,
    p.span,
    s.id_order,
    s.start,
    s.end,
    greatest(s.start, p.clip_start),
    least(s.end, p.clip_end),
    p.start,
    p.end,
    if(framed, p.path * 11400714819323198483 + sipHash64(own_agent, s.name_key), p.path),
    p.path,
    own_agent,
    p.agent,
    s.service_key,
    s.name_key,
    s.destination_key,
    p.destination_key,
    s.kind,
    p.kind,
    s.error,
    s.input,
    s.output
FROM spans AS s
INNER JOIN
(
    SELECT depth, hour, weight, span, start, end, clip_start, clip_end, path, agent, service_key, destination_key, kind
    FROM tree
    WHERE wave = {wave:UInt32} - 1
) AS p ON s.parent = p.span
