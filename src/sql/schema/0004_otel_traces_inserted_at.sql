-- Writes InsertedAt down for rows from before this column, which would otherwise look new at every read.
-- Safe to repeat: the rows get a later time and are aggregated once more, to the same numbers. Nothing to do on a new table.
ALTER TABLE otel_traces MATERIALIZE COLUMN InsertedAt
