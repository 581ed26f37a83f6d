-- Drops spans after this many days. Safe to repeat: the last number given counts.
ALTER TABLE otel_traces MODIFY TTL toDateTime(Timestamp) + toIntervalDay({days:UInt32})
