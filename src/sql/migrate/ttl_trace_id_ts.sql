-- Drops the index of traces together with their spans. Safe to repeat: the last number given counts.
ALTER TABLE otel_traces_trace_id_ts MODIFY TTL Start + toIntervalDay({days:UInt32})
