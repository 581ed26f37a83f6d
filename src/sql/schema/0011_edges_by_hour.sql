-- The call graph's edges. One row per hour, which holds all edges of that hour as parallel arrays: so an hour is replaced by one
-- insert, whole or not at all, and of two concurrent runs the one that read the spans later wins, by version, in whatever order they
-- write. Values are additive over hours; durations are histograms (value rounded to three digits, weight in millionths).
-- Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS edges_by_hour
(
    hour DateTime('UTC'),
    version UInt64,
    rows_in UInt64,
    caller Array(LowCardinality(String)),
    callee Array(LowCardinality(String)),
    destination Array(String),
    virtual Array(UInt8),
    calls Array(Float64),
    errors Array(Float64),
    duration_ns Array(Array(Int64)),
    duration_weight Array(Array(UInt64)),
    queue_ns Array(Array(Int64)),
    queue_weight Array(Array(UInt64))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY hour
