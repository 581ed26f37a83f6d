-- Drops captured content with its spans, but after 14 days at most. Safe to repeat: the last number given counts.
ALTER TABLE span_content MODIFY TTL toDateTime(Timestamp) + toIntervalDay(least({days:UInt32}, 14))
