-- The weights of a flame graph by path, one row per (hour, path) and kind of job: add them up. Times in ns. The frames of a path are in
-- stack_paths; joining them after adding up is many times faster than flame_stacks.
SELECT hour, path, self_ns, 0. AS critical_ns, tokens, errors, calls
FROM stacks_by_hour FINAL
ARRAY JOIN path, self_ns, tokens, errors, calls
UNION ALL
SELECT hour, path, 0. AS self_ns, critical_ns, 0. AS tokens, 0. AS errors, 0. AS calls
FROM critical_by_hour FINAL
ARRAY JOIN path, critical_ns
