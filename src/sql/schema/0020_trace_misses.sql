-- Kept traces of which a process had already thrown spans away: why such a trace is not complete. Grain: one row a trace and process.
-- Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS trace_misses
(
    MissedAt DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String),
    Why LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY toDate(MissedAt)
ORDER BY TraceId
TTL toDateTime(MissedAt) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000
