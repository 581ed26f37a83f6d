-- The rest of the tree, one row per span: like a wave, for all deeper levels at once.
INSERT INTO tree
SELECT
    {wave:UInt32},
    d.depth,
    d.hour,
    d.weight,
    s.trace,
    s.span,
    s.parent,
    s.id_order,
    s.start,
    s.end,
    d.clip_start,
    d.clip_end,
    p.start,
    p.end,
    d.path,
    p.path,
    d.agent,
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
FROM rest AS s
INNER JOIN {from:Identifier} AS d ON d.span = s.span
INNER JOIN
(
    SELECT q.span AS span, q.start AS start, q.end AS end, e.path AS path, e.agent AS agent, q.destination_key AS destination_key, q.kind AS kind
    FROM rest AS q
    INNER JOIN {from:Identifier} AS e ON e.span = q.span
    UNION ALL
    SELECT span, start, end, path, agent, destination_key, kind
    FROM tree
    WHERE span IN (SELECT parent FROM rest)
) AS p ON p.span = s.parent
