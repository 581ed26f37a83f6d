-- The traces in short, one row per trace. Counts are of this trace alone; weight says how many traces it stands for.
-- complete: every span has its parent, and no process has said that it had thrown spans of it away. why_incomplete, else empty: what
-- processes have said (evicted: the keep came after the buffer's horizon), missed_by naming their services; process lost: a parent is
-- missing and nobody said why, so the process that had it was killed, or could not store it; running: the same, but the trace is so
-- fresh that the parent may still end.
SELECT
    t.hour AS hour,
    t.trace_id AS trace_id,
    fromUnixTimestamp64Nano(t.start_ns, 'UTC') AS start_time,
    t.duration_ns AS duration_ns,
    t.root_name AS root_name,
    t.root_agent AS root_agent,
    t.spans AS spans,
    t.agents AS agents,
    t.errors AS errors,
    t.input_tokens AS input_tokens,
    t.output_tokens AS output_tokens,
    t.keep_reason AS keep_reason,
    toUInt8(why_incomplete = '') AS complete,
    multiIf(
        notEmpty(m.why), arrayStringConcat(m.why, ', '),
        t.complete, '',
        abs(dateDiff('minute', start_time + toIntervalNanosecond(t.duration_ns), now64(9, 'UTC'))) < 10, 'running',
        'process lost') AS why_incomplete,
    m.services AS missed_by,
    t.weight AS weight
FROM
(
    SELECT hour, trace_id, start_ns, duration_ns, root_name, root_agent, spans, agents, errors, input_tokens, output_tokens, keep_reason, complete, weight
    FROM traces_by_hour FINAL
    ARRAY JOIN trace_id, start_ns, duration_ns, root_name, root_agent, spans, agents, errors, input_tokens, output_tokens, keep_reason, complete, weight
) AS t
GLOBAL LEFT JOIN
(
    SELECT TraceId, arraySort(groupUniqArray(Why::String)) AS why, arraySort(groupUniqArray(ServiceName::String)) AS services
    FROM trace_misses
    GROUP BY TraceId
) AS m ON m.TraceId = t.trace_id
