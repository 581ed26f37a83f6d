-- The stacks of a flame graph over whole hours, one row per stack, out of the views. Adds up by path first and looks up frames last.
-- In --frames agent, runs of the same agent are one frame.
SELECT frames, toInt64(round(sum(v.value))) AS value
FROM
(
    SELECT
        path,
        sum(multiIf(
            {weight:String} = 'self', self_ns,
            {weight:String} = 'critical', critical_ns,
            {weight:String} = 'tokens', tokens,
            {weight:String} = 'errors', errors,
            calls)) AS value
    FROM flame_values
    WHERE hour >= {from:DateTime('UTC')} AND hour < {to:DateTime('UTC')}
    GROUP BY path
    HAVING value != 0
) AS v
INNER JOIN
(
    SELECT
        path,
        arrayConcat(
            if(missing = 1, ['(missing parent)'], []),
            if({frames:String} = 'agent', arrayCompact(agents), arrayMap((agent, name) -> concat(agent, ': ', name), agents, names))
        )::Array(String) AS frames
    FROM flame_paths
    WHERE {agent:String} = '' OR has(agents, {agent:String})
) AS p ON p.path = v.path
GROUP BY frames
HAVING value != 0
ORDER BY frames
