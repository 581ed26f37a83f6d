-- The ledger: one row per run, job and hour, with what was read and written and why it failed. A quarter is kept.
-- Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS job_runs
(
    run UUID,
    job LowCardinality(String),
    hour DateTime('UTC'),
    version UInt64,
    status Enum8('done' = 1, 'failed' = 2),
    started_at DateTime64(3, 'UTC'),
    finished_at DateTime64(3, 'UTC'),
    rows_in UInt64,
    rows_out UInt64,
    error String,
    note String
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(finished_at)
ORDER BY (job, hour, version)
TTL toDateTime(finished_at) + INTERVAL 90 DAY
