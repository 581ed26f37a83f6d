-- Stores a batch of ended spans; the body is one block in Native format. Grain: one row a span.
-- Safe to send again: the batch's insert_deduplication_token makes the server skip what it has.
INSERT INTO otel_traces FORMAT Native
