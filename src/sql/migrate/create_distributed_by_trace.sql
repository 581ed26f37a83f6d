-- One table over those of all shards. Rows go where the hash of their trace says, so that all spans of a trace are on one shard. Safe to
-- repeat: it holds no rows of its own, and what it has not sent yet was flushed before.
CREATE OR REPLACE TABLE {name:Identifier} AS {local:Identifier}.{name:Identifier}
ENGINE = Distributed({cluster:String}, {local:String}, {name:String}, cityHash64(TraceId))
