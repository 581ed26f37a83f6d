-- Drops the temporary tables that discovery leaves, to free their memory before the session ends.
DROP TEMPORARY TABLE IF EXISTS touched, known
