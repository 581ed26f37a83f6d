-- Drops the temporary tables that discovery and a build leave, to free their memory before the session ends.
DROP TEMPORARY TABLE IF EXISTS touched, known, batch_traces, oversize, names, edges_part, stacks_part, critical_part, agents_part, traces_part
