-- Doubles the levels that each row spans, one row per span (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT
    a.span AS span,
    if(b.factor = 0, a.next, b.next) AS next,
    a.agent AS agent,
    a.depth AS depth,
    if(b.factor = 0, a.factor, a.factor * b.factor) AS factor,
    if(b.factor = 0, a.frames, b.frames * a.factor + a.frames) AS frames,
    if(b.factor = 0, a.clip_start, greatest(a.clip_start, b.clip_start)) AS clip_start,
    if(b.factor = 0, a.clip_end, least(a.clip_end, b.clip_end)) AS clip_end
FROM {from:Identifier} AS a
LEFT JOIN {from:Identifier} AS b ON a.next = b.span
