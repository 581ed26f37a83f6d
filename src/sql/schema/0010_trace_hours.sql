-- Which hour a trace belongs to, and how far its spans reach: one row per (hour, trace) after merges. The job run that first sees a
-- span of a trace writes it, so the jobs find the whole traces of an hour without reading the history of spans.
-- moved: when a run saw that the trace starts in an earlier hour, in ns (0: it belongs here). All columns only move one way,
-- so writing a row again, in any order, changes nothing. Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS trace_hours
(
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    trace UInt64 CODEC(ZSTD(1)),
    first_ns SimpleAggregateFunction(min, Int64) CODEC(ZSTD(1)),
    last_ns SimpleAggregateFunction(max, Int64) CODEC(ZSTD(1)),
    moved SimpleAggregateFunction(max, UInt64) CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMMDD(hour)
ORDER BY (hour, trace)
