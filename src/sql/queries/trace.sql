-- The spans of one trace with agent and parent as the jobs see them, one row per span, after the trace was staged in this session.
-- Of a span stored more than once, the row that the jobs chose.
SELECT
    s.SpanId AS spanId,
    s.ParentSpanId AS parentSpanId,
    s.SpanName AS name,
    s.SpanKind AS kind,
    s.ServiceName AS service,
    n.name AS agent,
    toUnixTimestamp64Nano(s.Timestamp) - (SELECT min(start) FROM tree) AS startNs,
    t.end - t.start AS durationNs,
    multiIf(t.error, 'Error', s.StatusCode IN ('Ok', 'STATUS_CODE_OK'), 'Ok', 'Unset') AS status,
    s.StatusMessage AS statusMessage,
    s.SpanAttributes AS attributes,
    arrayMap((at, name, attributes) -> CAST((name, toUnixTimestamp64Nano(at) - (SELECT min(start) FROM tree), attributes), 'Tuple(name String, atNs Int64, attributes Map(String, String))'), s.Events.Timestamp, s.Events.Name, s.Events.Attributes) AS events,
    arrayMap((trace, span) -> CAST((trace, span), 'Tuple(traceId String, spanId String)'), s.Links.TraceId, s.Links.SpanId) AS links,
    s.InputTokens AS inputTokens,
    s.OutputTokens AS outputTokens,
    s.KeepReason AS keepReason,
    t.depth = 0 AND t.parent_agent = 1 AS missingParent,
    formatDateTime(fromUnixTimestamp64Nano((SELECT min(start) FROM tree), 'UTC'), '%Y-%m-%dT%H:%i:%S.%fZ', 'UTC') AS traceStart
FROM otel_traces AS s
INNER JOIN tree AS t ON t.span = s.SpanKey AND t.start = toUnixTimestamp64Nano(s.Timestamp)
LEFT ANY JOIN names AS n ON n.key = t.agent
WHERE s.TraceId = {trace:String}
    AND t.end - t.start = least(s.Duration, 1000000000000000000)
    AND t.service_key = sipHash64(s.ServiceName)
    AND t.name_key = sipHash64(s.SpanName)
ORDER BY startNs, durationNs DESC, spanId, statusMessage DESC
LIMIT 1 BY spanId
