-- The server's version and clock. One row; the first query of every session, to see that ClickHouse answers at all.
SELECT version() AS version, toString(now64(6, 'UTC')) AS now
