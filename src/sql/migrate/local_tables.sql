-- The tables of a shard that a Distributed table goes over, one row each: whether spans decide where a row belongs, and the table's text,
-- to see when it has changed.
SELECT
    t.name AS name,
    t.create_table_query AS text,
    (SELECT count() FROM system.columns AS c WHERE c.database = {local:String} AND c.table = t.name AND c.name = 'TraceId') > 0 AS by_trace
FROM system.tables AS t
WHERE t.database = {local:String} AND t.engine LIKE '%MergeTree' AND t.name NOT LIKE '.%' AND t.name NOT IN ('schema_migrations', 'trace_hours')
ORDER BY name
