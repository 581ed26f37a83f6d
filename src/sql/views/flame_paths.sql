-- The frames of each path from the root down, one row per path: agents and span names in parallel. missing: the root's parent is not
-- there, so the frame `(missing parent)` goes before the first.
SELECT path, any(missing) AS missing, any(agents) AS agents, any(names) AS names
FROM stack_paths
GROUP BY path
