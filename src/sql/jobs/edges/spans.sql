-- The spans of the build's traces with what edges need, one row per stored row (a temporary table): as stage/spans.sql, without the rest,
-- because bytes moved are what costs. So spans have no name here.
CREATE OR REPLACE TEMPORARY TABLE spans
(
    trace UInt64, span UInt64, parent UInt64, start Int64, end Int64,
    service LowCardinality(String), name LowCardinality(String), agent LowCardinality(String), destination LowCardinality(String),
    service_key UInt64, agent_key UInt64, destination_key UInt64,
    kind UInt8, error UInt8, weighing UInt64
)
ENGINE = Memory AS
WITH
    (SELECT (min(hour), fromUnixTimestamp64Nano(max(last_ns))) FROM batch_traces) AS around,
    toUInt64(round(if(Weight >= 1 AND Weight < 1000000000000, Weight, 1) * 1000000)) AS weight
SELECT
    TraceKey AS trace,
    SpanKey AS span,
    ParentKey AS parent,
    toUnixTimestamp64Nano(Timestamp) AS start,
    start + toInt64(least(Duration, 1000000000000000000)) AS end,
    ServiceName AS service,
    ''::LowCardinality(String) AS name,
    AgentName AS agent,
    Destination AS destination,
    sipHash64(ServiceName)::UInt64 AS service_key,
    if(AgentName = '', 0, sipHash64(AgentName))::UInt64 AS agent_key,
    if(Destination = '', 0, sipHash64(Destination))::UInt64 AS destination_key,
    multiIf(
        SpanKind IN ('Client', 'Producer', 'SPAN_KIND_CLIENT', 'SPAN_KIND_PRODUCER'), 1,
        SpanKind IN ('Server', 'Consumer', 'SPAN_KIND_SERVER', 'SPAN_KIND_CONSUMER'), 2,
        0)::UInt8 AS kind,
    (StatusCode IN ('Error', 'STATUS_CODE_ERROR'))::UInt8 AS error,
    if(KeepReason = '', bitNot(weight), weight) AS weighing
FROM otel_traces
PREWHERE TraceKey % {parts:UInt32} = {part:UInt32}
WHERE TraceKey IN (SELECT trace FROM batch_traces WHERE trace % {parts:UInt32} = {part:UInt32})
    AND Timestamp >= around.1
    AND Timestamp <= around.2
SETTINGS max_block_size = 16384
