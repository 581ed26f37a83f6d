-- How far each job has seen: spans inserted up to the watermark are in its aggregates. One row per job after merges; the highest
-- watermark wins, whichever run wrote it. Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS job_watermarks
(
    job LowCardinality(String),
    watermark DateTime64(6, 'UTC'),
    started_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(watermark)
ORDER BY job
