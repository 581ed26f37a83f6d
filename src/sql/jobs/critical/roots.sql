-- Every root is on its own critical path. One row per root.
INSERT INTO chosen
SELECT 0, hour, weight, span, path, 0, start, end
FROM tree
WHERE depth = 0 AND end > start
