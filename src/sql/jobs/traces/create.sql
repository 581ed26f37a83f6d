-- Rows of the traces job, one row per trace (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE traces_part
(
    hour DateTime('UTC'),
    trace_id String,
    start_ns Int64,
    duration_ns UInt64,
    root_name String,
    root_agent String,
    spans UInt64,
    agents UInt64,
    errors UInt64,
    input_tokens UInt64,
    output_tokens UInt64,
    keep_reason String,
    complete UInt8,
    weight Float64
)
ENGINE = Memory
