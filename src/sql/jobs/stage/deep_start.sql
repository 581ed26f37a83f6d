-- The first step of finding paths and clipped intervals of the rest, one row per span (a temporary table). path * factor + frames, with
-- the path of `next`, is the span's path; below {max_depth} frames are left out, in very big traces
-- already below {big_max_depth}.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
WITH
    if(i.agent != 0, i.agent, t.agent) AS own_agent,
    t.depth + i.steps AS own_depth,
    own_depth < if(s.trace IN (SELECT trace FROM big_traces), {big_max_depth:UInt32}, {max_depth:UInt32}) AS framed
SELECT
    s.span AS span,
    s.parent AS next,
    own_agent AS agent,
    own_depth AS depth,
    if(framed, 11400714819323198483, 1)::UInt64 AS factor,
    if(framed, sipHash64(own_agent, s.name_key), 0)::UInt64 AS frames,
    s.start AS clip_start,
    s.end AS clip_end
FROM rest AS s
INNER JOIN {from:Identifier} AS i ON i.span = s.span
INNER JOIN (SELECT span, agent, depth FROM tree WHERE span IN (SELECT next FROM {from:Identifier})) AS t ON t.span = i.next
