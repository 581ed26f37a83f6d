-- One table over those of all shards, for rows that are of no trace. Safe to repeat: it holds no rows of its own, and what it has not sent
-- yet was flushed before.
CREATE OR REPLACE TABLE {name:Identifier} AS {local:Identifier}.{name:Identifier}
ENGINE = Distributed({cluster:String}, {local:String}, {name:String}, rand())
