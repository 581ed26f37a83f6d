-- The database whose tables hold this server's own spans: the one given, or beside it the shard's, when the one given spans a cluster.
-- One row.
SELECT if(
    (SELECT count() FROM system.tables WHERE database = {database:String} AND name = 'otel_traces' AND engine = 'Distributed') > 0,
    concat({database:String}, '_shard'),
    {database:String}) AS database
