-- What each agent did, one row per (hour, agent). calls are entries from another agent or from outside, with the quantiles of their
-- duration; spans, errors and self time are over all spans of the agent. Times in ns.
-- Tokens and costs are counted where they were reported last on the way down, never twice.
SELECT
    hour,
    agent,
    calls,
    call_errors,
    spans,
    errors,
    self_ns,
    input_tokens,
    output_tokens,
    cost_usd,
    if(empty(duration_ns), [0, 0, 0], arrayReduce('quantilesExactWeighted(0.5, 0.95, 0.99)', duration_ns, duration_weight)) AS quantiles,
    quantiles[1] AS p50_ns,
    quantiles[2] AS p95_ns,
    quantiles[3] AS p99_ns,
    duration_ns,
    duration_weight
FROM agents_by_hour FINAL
ARRAY JOIN agent, calls, call_errors, spans, errors, self_ns, input_tokens, output_tokens, cost_usd, duration_ns, duration_weight
