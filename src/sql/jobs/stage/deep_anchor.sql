-- The rest with everything resolved against the spans that the waves reached, one row per span (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT
    d.span AS span,
    d.agent AS agent,
    d.depth AS depth,
    t.hour AS hour,
    t.weight AS weight,
    t.path * d.factor + d.frames AS path,
    greatest(d.clip_start, t.clip_start) AS clip_start,
    least(d.clip_end, t.clip_end) AS clip_end
FROM {from:Identifier} AS d
INNER JOIN (SELECT span, hour, weight, path, clip_start, clip_end FROM tree WHERE span IN (SELECT next FROM {from:Identifier})) AS t ON t.span = d.next
