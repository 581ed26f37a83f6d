-- The frames of each path that any hour knows, from the root down: one row per path after merges. A path's number is a hash of its
-- frames, so writing it again changes nothing. Safe to repeat: created only where it is missing.
CREATE TABLE IF NOT EXISTS stack_paths
(
    path UInt64,
    missing UInt8,
    agents Array(LowCardinality(String)),
    names Array(LowCardinality(String))
)
ENGINE = ReplacingMergeTree
ORDER BY path
