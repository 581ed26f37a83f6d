-- A list of traces over whole hours, one row per trace, out of the view: the newest or the slowest first.
SELECT
    trace_id AS traceId,
    formatDateTime(start_time, '%Y-%m-%dT%H:%i:%S.%fZ', 'UTC') AS startTime,
    root_name AS rootName,
    root_agent AS rootAgent,
    duration_ns AS durationNs,
    spans,
    agents,
    errors,
    input_tokens AS inputTokens,
    output_tokens AS outputTokens,
    keep_reason AS keepReason,
    complete = 1 AS complete,
    why_incomplete AS whyIncomplete,
    missed_by AS missedBy
FROM trace_summary
WHERE hour >= {from:DateTime('UTC')} AND hour < {to:DateTime('UTC')} AND ({errors:UInt8} = 0 OR errors > 0)
ORDER BY if({slowest:UInt8} = 1, duration_ns, 0) DESC, start_time DESC, trace_id
LIMIT {limit:UInt32}
