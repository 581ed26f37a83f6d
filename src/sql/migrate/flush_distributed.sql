-- Sends what a Distributed table has not sent to the shards yet. Safe to repeat.
SYSTEM FLUSH DISTRIBUTED {name:Identifier}
