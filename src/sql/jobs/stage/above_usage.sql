-- Spans above one that reports token usage, or above one that reports a cost, one row per span (a temporary table, filled upwards wave by
-- wave): their own report would count the same again.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} (wave UInt32, span UInt64) ENGINE = Memory
