-- Drops the temporary tables that one part of a build leaves, to free their memory for the next one.
DROP TEMPORARY TABLE IF EXISTS
    traces, big_traces, incomplete, trace_ids, spans, duplicates, resolved, tree, cycle_cuts, rest, walk_a, walk_b, inherit_a, inherit_b,
    deep_a, deep_b, climbs, calls, covered, above_usage, above_cost, chosen, deep_kids, climb_a, climb_b, paths_a, paths_b
