-- The statements that have run, one row each: its name and the checksum of its latest text.
SELECT name, argMax(checksum, applied_at) AS checksum FROM schema_migrations GROUP BY name
