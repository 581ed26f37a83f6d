-- Stores the content of a batch of ended spans; the body is one block in Native format. Grain: one row a span and key.
-- Safe to send again: the batch's insert_deduplication_token makes the server skip what it has.
INSERT INTO span_content FORMAT Native
