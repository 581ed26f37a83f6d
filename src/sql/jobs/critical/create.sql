-- Partial sums of the critical path job, one row per (hour, path) and part of the build (a temporary table). Sums in millionths.
CREATE OR REPLACE TEMPORARY TABLE critical_part (hour DateTime('UTC'), path UInt64, critical_ns Int128) ENGINE = Memory
