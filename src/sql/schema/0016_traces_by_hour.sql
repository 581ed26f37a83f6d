-- The traces of each hour, in short. One row per hour, which holds all traces of that hour as parallel arrays, replaced as
-- edges_by_hour says. Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS traces_by_hour
(
    hour DateTime('UTC'),
    version UInt64,
    rows_in UInt64,
    trace_id Array(String),
    start_ns Array(Int64),
    duration_ns Array(UInt64),
    root_name Array(LowCardinality(String)),
    root_agent Array(LowCardinality(String)),
    spans Array(UInt64),
    agents Array(UInt64),
    errors Array(UInt64),
    input_tokens Array(UInt64),
    output_tokens Array(UInt64),
    keep_reason Array(LowCardinality(String)),
    complete Array(UInt8),
    weight Array(Float64)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY hour
