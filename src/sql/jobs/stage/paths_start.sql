-- The distinct paths of the build, one row per path (a temporary table): its last frame as keys, and the path that it continues.
-- Roots continue path 0, or 1 when their parent is missing.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT path, any(parent_path) AS up, [any(agent)] AS agents, [any(name_key)] AS names
FROM tree
WHERE depth < {big_max_depth:UInt32} OR (depth < {max_depth:UInt32} AND trace NOT IN (SELECT trace FROM big_traces))
GROUP BY path
