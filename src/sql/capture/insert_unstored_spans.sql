-- Exact counts of spans that a process never stored. Grain: one row a span name, destination, process and report.
-- Safe to send again: the insert_deduplication_token makes the server skip what it has.
INSERT INTO unstored_spans (ServiceName, SpanName, SpanKind, Destination, Calls, Errors, DurationNs, InputTokens, OutputTokens) FORMAT JSONEachRow
