-- Kept traces of which a process had thrown spans away before. Grain: one row a trace and process.
-- Safe to send again: the insert_deduplication_token makes the server skip what it has.
INSERT INTO trace_misses (TraceId, ServiceName, Why) FORMAT JSONEachRow
