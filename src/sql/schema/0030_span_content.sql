-- Prompts, replies, tool arguments and results, message bodies: what was captured because somebody asked for it, redacted and cut before
-- it came here, apart from the spans so that it can be guarded, and forgotten, apart. Grain: one row a span and key.
-- Gone after 14 days at most, whatever the spans' own time to live; `migrate --ttl-days` can only shorten it.
-- Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS span_content
(
    Timestamp DateTime64(9) CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Key LowCardinality(String) CODEC(ZSTD(1)),
    Value String CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (TraceId, SpanId, Key)
TTL toDateTime(Timestamp) + toIntervalDay(14)
SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000
