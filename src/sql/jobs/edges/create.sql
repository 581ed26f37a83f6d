-- Partial sums of the edges job, one row per (hour, caller, callee, destination, histogram, bucket) and part of the build
-- (a temporary table). histogram: 0 durations, 1 queue times; calls and errors are counted with the durations. Sums in millionths.
CREATE OR REPLACE TEMPORARY TABLE edges_part
(
    hour DateTime('UTC'),
    caller UInt64,
    callee UInt64,
    destination UInt64,
    virtual UInt8,
    histogram UInt8,
    bucket Int64,
    calls UInt64,
    errors UInt64
)
ENGINE = Memory
