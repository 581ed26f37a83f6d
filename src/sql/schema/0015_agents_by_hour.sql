-- What each agent did. One row per hour, which holds all agents of that hour as parallel arrays, replaced as edges_by_hour says.
-- calls are entries from another agent or from outside, spans are all of its spans. Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS agents_by_hour
(
    hour DateTime('UTC'),
    version UInt64,
    rows_in UInt64,
    agent Array(LowCardinality(String)),
    calls Array(Float64),
    call_errors Array(Float64),
    spans Array(Float64),
    errors Array(Float64),
    self_ns Array(Float64),
    input_tokens Array(Float64),
    output_tokens Array(Float64),
    duration_ns Array(Array(Int64)),
    duration_weight Array(Array(UInt64))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY hour
