-- Flame graph stacks for people and dashboards, one row per (hour, path): frames `agent: SpanName` from the root down. Times in ns.
SELECT
    v.hour AS hour,
    arrayConcat(if(p.missing = 1, ['(missing parent)'], []), arrayMap((agent, name) -> concat(agent, ': ', name), p.agents, p.names)) AS frames,
    p.agents AS agents,
    p.names AS names,
    v.self_ns AS self_ns,
    v.critical_ns AS critical_ns,
    v.tokens AS tokens,
    v.errors AS errors,
    v.calls AS calls
FROM
(
    SELECT hour, path, sum(self_ns) AS self_ns, sum(critical_ns) AS critical_ns, sum(tokens) AS tokens, sum(errors) AS errors, sum(calls) AS calls
    FROM flame_values
    GROUP BY hour, path
) AS v
INNER JOIN flame_paths AS p ON v.path = p.path
