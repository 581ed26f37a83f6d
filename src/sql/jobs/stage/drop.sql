-- Drops a temporary table of this run.
DROP TEMPORARY TABLE IF EXISTS {table:Identifier}
