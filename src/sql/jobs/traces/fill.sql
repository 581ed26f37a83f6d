-- Each trace in short, one row per trace. Its root is the earliest span without a parent, else the earliest whose parent is missing.
-- For a temporary table, so a run that dies leaves nothing.
CREATE OR REPLACE TEMPORARY TABLE traces_part
(
    hour DateTime('UTC'), trace_id String, start_ns Int64, duration_ns UInt64, root_name String, root_agent String, spans UInt64,
    agents UInt64, errors UInt64, input_tokens UInt64, output_tokens UInt64, keep_reason String, complete UInt8, weight Float64
)
ENGINE = Memory AS
SELECT
    t.hour AS hour,
    b.trace_id AS trace_id,
    t.start_ns AS start_ns,
    t.duration_ns AS duration_ns,
    n.name AS root_name,
    a.name AS root_agent,
    t.spans AS spans,
    t.agents AS agents,
    t.errors AS errors,
    t.input_tokens AS input_tokens,
    t.output_tokens AS output_tokens,
    k.keep_reason AS keep_reason,
    t.complete AS complete,
    t.weight AS weight
FROM
(
    SELECT
        trace,
        any(hour) AS hour,
        min(start) AS start_ns,
        toUInt64(max(end) - min(start)) AS duration_ns,
        argMinIf((name_key, agent), (parent_agent, start, id_order), depth = 0) AS root,
        count() AS spans,
        uniqExact(agent) AS agents,
        countIf(error) AS errors,
        sumIf(input, span NOT IN (SELECT span FROM above_usage)) AS input_tokens,
        sumIf(output, span NOT IN (SELECT span FROM above_usage)) AS output_tokens,
        countIf(depth = 0 AND parent_agent = 1) = 0 AS complete,
        any(w.weight) / 1000000 AS weight
    FROM tree AS w
    GROUP BY trace
) AS t
INNER JOIN trace_ids AS b ON b.trace = t.trace
LEFT ANY JOIN names AS n ON n.key = t.root.1
LEFT ANY JOIN names AS a ON a.key = t.root.2
LEFT JOIN
(
    SELECT trace, argMin(s.keep_reason, (start, id_order)) AS keep_reason
    FROM spans AS s
    WHERE s.keep_reason != ''
    GROUP BY trace
) AS k ON k.trace = t.trace
