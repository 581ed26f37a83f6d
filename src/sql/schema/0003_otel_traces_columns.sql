-- Our columns behind the standard ones. All have a DEFAULT or are MATERIALIZED, so every other writer keeps working; rows from before
-- get their values at read. Safe to repeat: each is added only where it is missing.
-- Weight: how many traces this one stands for; other writers say it in tracestate, `ot=th:<threshold>` (T of 2^56 are not sampled).
-- Token counts are capped, because attributes come from strangers and sums must not overflow.
-- Keys: 64-bit hashes of the ids, because joins on them are twice as fast as on the strings. No parent is key 0.
ALTER TABLE otel_traces
    ADD COLUMN IF NOT EXISTS InputTokens UInt64 MATERIALIZED least(toUInt64OrZero(SpanAttributes['gen_ai.usage.input_tokens']), 1000000000000) CODEC(T64, ZSTD(1)),
    ADD COLUMN IF NOT EXISTS OutputTokens UInt64 MATERIALIZED least(toUInt64OrZero(SpanAttributes['gen_ai.usage.output_tokens']), 1000000000000) CODEC(T64, ZSTD(1)),
    ADD COLUMN IF NOT EXISTS CachedInputTokens UInt64 MATERIALIZED least(toUInt64OrZero(SpanAttributes['gen_ai.usage.cache_read.input_tokens']), 1000000000000) CODEC(T64, ZSTD(1)),
    ADD COLUMN IF NOT EXISTS ReasoningTokens UInt64 MATERIALIZED least(toUInt64OrZero(SpanAttributes['gen_ai.usage.reasoning.output_tokens']), 1000000000000) CODEC(T64, ZSTD(1)),
    ADD COLUMN IF NOT EXISTS Weight Float64 DEFAULT if(
        match(TraceState, '(^|,)\\s*ot=([^,]*;)?th:[0-9a-f]{1,14}\\s*(;|,|$)'),
        72057594037927936 / (72057594037927936 - least(reinterpretAsUInt64(reverse(unhex(rightPad(extract(TraceState, '(?:^|,)\\s*ot=(?:[^,]*;)?th:([0-9a-f]{1,14})'), 14, '0')))), 72057594037927935)),
        1) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS KeepReason LowCardinality(String) DEFAULT '' CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS InsertedAt DateTime64(6, 'UTC') MATERIALIZED now64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    ADD COLUMN IF NOT EXISTS TraceKey UInt64 MATERIALIZED sipHash64(TraceId) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS SpanKey UInt64 MATERIALIZED sipHash64(TraceId, SpanId) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS ParentKey UInt64 MATERIALIZED if(ParentSpanId IN ('', '0000000000000000'), 0, sipHash64(TraceId, ParentSpanId)) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS AgentName LowCardinality(String) MATERIALIZED SpanAttributes['gen_ai.agent.name'] CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS Destination LowCardinality(String) MATERIALIZED if(SpanAttributes['messaging.destination.name'] != '', SpanAttributes['messaging.destination.name'], SpanAttributes['server.address']) CODEC(ZSTD(1)),
    ADD INDEX IF NOT EXISTS idx_timestamp Timestamp TYPE minmax GRANULARITY 1,
    ADD INDEX IF NOT EXISTS idx_inserted_at InsertedAt TYPE minmax GRANULARITY 1
