-- Drops the temporary tables that discovery and a build leave, with those of its last part, to free their memory before the session ends.
DROP TEMPORARY TABLE IF EXISTS
    touched, known, batch_traces, oversize, names, edges_part, stacks_part, critical_part, agents_part, traces_part,
    traces, big_traces, incomplete, trace_ids, spans, duplicates, resolved, tree, cycle_cuts, rest, walk_a, walk_b, inherit_a, inherit_b,
    deep_a, deep_b, climbs, calls, covered, above_usage, above_cost, chosen, deep_kids, climb_a, climb_b, paths_a, paths_b
