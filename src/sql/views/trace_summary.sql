-- The traces in short, one row per trace. complete: it has a root and no span lacks its parent. Counts are of this trace alone; weight
-- says how many traces it stands for.
SELECT
    hour,
    trace_id,
    fromUnixTimestamp64Nano(start_ns, 'UTC') AS start_time,
    duration_ns,
    root_name,
    root_agent,
    spans,
    agents,
    errors,
    input_tokens,
    output_tokens,
    keep_reason,
    complete,
    weight
FROM traces_by_hour FINAL
ARRAY JOIN trace_id, start_ns, duration_ns, root_name, root_agent, spans, agents, errors, input_tokens, output_tokens, keep_reason, complete, weight
