-- Notes that statements have run. Noting one again only renews the time.
INSERT INTO schema_migrations (name, checksum)
SELECT name, checksum
FROM (SELECT {names:Array(String)} AS name, {checksums:Array(String)} AS checksum)
ARRAY JOIN name, checksum
