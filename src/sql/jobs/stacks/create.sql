-- Partial sums of the stacks job, one row per (hour, path) and part of the build (a temporary table). Sums in millionths.
CREATE OR REPLACE TEMPORARY TABLE stacks_part
(
    hour DateTime('UTC'),
    path UInt64,
    self_ns Int128,
    tokens UInt128,
    errors UInt64,
    calls UInt64
)
ENGINE = Memory
