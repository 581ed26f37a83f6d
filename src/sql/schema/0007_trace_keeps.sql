-- One row per decision to keep a trace: the backstop for processes that missed the message on the bus. Rows live for a week, far
-- longer than any process's buffer. Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS trace_keeps
(
    KeptAt DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    Reason LowCardinality(String),
    ServiceName LowCardinality(String),
    Weight Float64 DEFAULT 1
)
ENGINE = MergeTree
PARTITION BY toDate(KeptAt)
ORDER BY (KeptAt, TraceId)
TTL toDateTime(KeptAt) + INTERVAL 7 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000
