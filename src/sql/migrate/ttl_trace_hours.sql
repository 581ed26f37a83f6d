-- Drops what the jobs know of traces together with their spans. Safe to repeat: the last number given counts.
ALTER TABLE trace_hours MODIFY TTL hour + toIntervalDay({days:UInt32})
