-- A wave of the tree made of the cut spans, which count as having a missing parent. One row per cycle.
INSERT INTO tree
SELECT
    {wave:UInt32}, 0, t.hour, t.weight, s.trace, s.span, 0, s.id_order, s.start, s.end, 0, 0,
    sipHash64(toUInt64(1), if(s.agent_key != 0, s.agent_key, s.service_key), s.name_key),
    1,
    if(s.agent_key != 0, s.agent_key, s.service_key),
    1,
    s.service_key, s.name_key, s.destination_key, 0, s.kind, 0, s.error, s.input, s.output
FROM {from:Identifier} AS s
INNER JOIN trace_weights AS t ON t.trace = s.trace
WHERE s.span IN (SELECT span FROM cycle_cuts)
