-- Where cycles of parents are cut, one row per cycle (a temporary table): its earliest span, then the smallest SpanId.
CREATE OR REPLACE TEMPORARY TABLE cycle_cuts (span UInt64) ENGINE = Memory
