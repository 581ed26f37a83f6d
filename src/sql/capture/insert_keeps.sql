-- Decisions to keep a trace, for processes that missed the message on the bus. Grain: one row a decision.
-- Safe to send again: the insert_deduplication_token makes the server skip what it has.
INSERT INTO trace_keeps (TraceId, Reason, ServiceName, Weight) FORMAT JSONEachRow
