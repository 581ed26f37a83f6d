-- The agents of a call graph over whole hours, one row per agent, out of the view.
SELECT
    agent,
    round(sum(a.spans), 3) AS spans,
    round(sum(a.errors), 3) AS errors,
    toInt64(round(sum(a.self_ns))) AS selfNs,
    round(sum(a.input_tokens), 3) AS inputTokens,
    round(sum(a.output_tokens), 3) AS outputTokens
FROM agents AS a
WHERE hour >= {from:DateTime('UTC')} AND hour < {to:DateTime('UTC')}
GROUP BY agent
ORDER BY agent
