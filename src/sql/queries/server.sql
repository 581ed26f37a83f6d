-- The server's version and clock, and the database whose tables hold this server's own spans: the session's, or that of its shard, when the
-- session's spans a cluster. One row; the first query of every session, to see that ClickHouse answers at all.
SELECT
    version() AS version,
    toString(now64(9, 'UTC')) AS now,
    concat(currentDatabase(), if(count() > 0, '_shard', '')) AS shard
FROM system.tables
WHERE database = currentDatabase() AND name = 'otel_traces' AND engine = 'Distributed'
