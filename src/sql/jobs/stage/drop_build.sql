-- Drops the temporary tables that a build leaves, to free their memory before the session ends.
DROP TEMPORARY TABLE IF EXISTS
    batch_hours, oversize, notes, rows_of_parts, rows_per_hour, names_of_parts, names_of_batch,
    edges_part, stacks_part, critical_part, agents_part, traces_part
