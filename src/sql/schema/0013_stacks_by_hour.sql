-- Self time, tokens, errors and calls by path. One row per hour, which holds all paths of that hour as parallel arrays, replaced as
-- edges_by_hour says. Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS stacks_by_hour
(
    hour DateTime('UTC'),
    version UInt64,
    rows_in UInt64,
    path Array(UInt64),
    self_ns Array(Float64),
    tokens Array(Float64),
    errors Array(Float64),
    calls Array(Float64)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY hour
