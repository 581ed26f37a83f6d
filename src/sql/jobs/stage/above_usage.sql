-- Spans above one that reports token usage, one row per span (a temporary table, filled upwards wave by wave): their own report would
-- count the same tokens again.
CREATE OR REPLACE TEMPORARY TABLE above_usage (wave UInt32, span UInt64) ENGINE = Memory
