-- Exact counts of the spans that processes never stored, added every few seconds: with the stored ones they give exact totals at any
-- sampling ratio. Grain: one row a minute, service, span name, kind and destination, summed by merges.
-- Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS unstored_spans
(
    Time DateTime('UTC') DEFAULT toStartOfMinute(now('UTC')) CODEC(Delta, ZSTD(1)),
    ServiceName LowCardinality(String),
    SpanName LowCardinality(String),
    SpanKind LowCardinality(String),
    Destination LowCardinality(String),
    Calls UInt64,
    Errors UInt64,
    DurationNs UInt64,
    InputTokens UInt64,
    OutputTokens UInt64
)
ENGINE = SummingMergeTree
PARTITION BY toDate(Time)
ORDER BY (Time, ServiceName, SpanName, SpanKind, Destination)
TTL Time + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000
