-- Writes down the frames of paths that no hour knew before, one row per path. A path is a hash of its frames, so it may be written again.
-- Before the hours that use it, so that an hour never shows without its frames.
INSERT INTO stack_paths (path, missing, agents, names)
SELECT path, any(missing), arrayMap(f -> f.2, arraySort(groupArray((place, agent)))), arrayMap(f -> f.2, arraySort(groupArray((place, name))))
FROM
(
    SELECT p.path AS path, p.up = 1 AS missing, p.place AS place, a.name AS agent, n.name AS name
    FROM
    (
        SELECT path, up, agent_key, name_key, place
        FROM {from:Identifier}
        ARRAY JOIN agents AS agent_key, names AS name_key, arrayEnumerate(agents) AS place
        WHERE path NOT IN (SELECT path FROM stack_paths)
    ) AS p
    LEFT ANY JOIN names AS a ON a.key = p.agent_key
    LEFT ANY JOIN names AS n ON n.key = p.name_key
)
GROUP BY path
