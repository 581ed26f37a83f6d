-- Retried inserts are dropped also on a table that a collector made. Safe to repeat: it sets the same value.
ALTER TABLE otel_traces MODIFY SETTING non_replicated_deduplication_window = 10000
