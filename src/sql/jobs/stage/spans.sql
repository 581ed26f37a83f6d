-- The spans of the build's traces, one row per stored row (a temporary table): ids and names as 64-bit keys, times as ns, so that what
-- follows joins and groups numbers only. Times are capped, because they come from strangers and sums must not overflow.
-- id_order is the SpanId, for ties, and only where {ids} asks for it, because it costs as much to read as all the rest; cost is in billionths
-- of a dollar; kind: 1 calls (Client, Producer), 2 answers (Server, Consumer), 0 neither; weighing: the weight in millionths
-- of a kept span, of any other its complement, so that the least of a trace says what the trace weighs, see stage/traces.sql.
-- Only the part is looked at before the other columns are read: a look at all conditions costs more than it saves. Blocks are small, so that
-- they stay in the cache from step to step.
CREATE OR REPLACE TEMPORARY TABLE spans
(
    trace UInt64, span UInt64, parent UInt64, id_order FixedString(16), start Int64, end Int64,
    service LowCardinality(String), name LowCardinality(String), agent LowCardinality(String), destination LowCardinality(String),
    keep_reason LowCardinality(String),
    service_key UInt64, name_key UInt64, agent_key UInt64, destination_key UInt64,
    kind UInt8, error UInt8, input UInt64, output UInt64, cost UInt64, weighing UInt64
)
ENGINE = Memory AS
WITH
    (SELECT (min(hour), fromUnixTimestamp64Nano(max(last_ns))) FROM batch_traces) AS around,
    toUInt64(round(if(Weight >= 1 AND Weight < 1000000000000, Weight, 1) * 1000000)) AS weight
SELECT
    TraceKey AS trace,
    SpanKey AS span,
    ParentKey AS parent,
    toFixedString(if({ids:UInt8} = 1, substring(SpanId, 1, 16), ''), 16) AS id_order,
    toUnixTimestamp64Nano(Timestamp) AS start,
    start + toInt64(least(Duration, 1000000000000000000)) AS end,
    ServiceName AS service,
    SpanName AS name,
    AgentName AS agent,
    Destination AS destination,
    KeepReason AS keep_reason,
    sipHash64(ServiceName)::UInt64 AS service_key,
    sipHash64(SpanName)::UInt64 AS name_key,
    if(AgentName = '', 0, sipHash64(AgentName))::UInt64 AS agent_key,
    if(Destination = '', 0, sipHash64(Destination))::UInt64 AS destination_key,
    multiIf(
        SpanKind IN ('Client', 'Producer', 'SPAN_KIND_CLIENT', 'SPAN_KIND_PRODUCER'), 1,
        SpanKind IN ('Server', 'Consumer', 'SPAN_KIND_SERVER', 'SPAN_KIND_CONSUMER'), 2,
        0)::UInt8 AS kind,
    (StatusCode IN ('Error', 'STATUS_CODE_ERROR'))::UInt8 AS error,
    InputTokens AS input,
    OutputTokens AS output,
    toUInt64(round(least(CostUsd, 1000000) * 1000000000)) AS cost,
    if(KeepReason = '', bitNot(weight), weight) AS weighing
FROM otel_traces
PREWHERE TraceKey % {parts:UInt32} = {part:UInt32}
WHERE TraceKey IN (SELECT trace FROM batch_traces WHERE trace % {parts:UInt32} = {part:UInt32})
    AND Timestamp >= around.1
    AND Timestamp <= around.2
SETTINGS max_block_size = 16384
