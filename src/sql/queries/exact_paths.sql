-- Hides the table of paths behind an empty one of the same shape in this session only (a temporary table).
CREATE TEMPORARY TABLE stack_paths ENGINE = Memory AS SELECT * FROM stack_paths LIMIT 0
