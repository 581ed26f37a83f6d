-- Partial sums of the agents job, one row per (hour, agent, bucket) and part of the build (a temporary table). Entries from another agent
-- or from outside carry the bucket of their duration; what all spans add up to stands in bucket -1. Sums in millionths,
-- cost of billionths of a dollar.
CREATE OR REPLACE TEMPORARY TABLE agents_part
(
    hour DateTime('UTC'),
    agent UInt64,
    bucket Int64,
    calls UInt64,
    call_errors UInt64,
    spans UInt64,
    errors UInt64,
    self_ns Int128,
    input_tokens UInt128,
    output_tokens UInt128,
    cost UInt128
)
ENGINE = Memory
