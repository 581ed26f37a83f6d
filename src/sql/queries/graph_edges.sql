-- The edges of a call graph over whole hours, one row per (caller, callee), out of the view. Quantiles come from the merged histograms.
SELECT
    caller,
    callee,
    round(sum(g.calls), 3) AS calls,
    round(sum(g.errors), 3) AS errors,
    quantilesExactWeightedArray(0.5, 0.95, 0.99)(duration_ns, duration_weight) AS quantiles,
    toInt64(quantiles[1]) AS p50Ns,
    toInt64(quantiles[2]) AS p95Ns,
    toInt64(quantiles[3]) AS p99Ns,
    toInt64(quantileExactWeightedArray(0.5)(queue_ns, queue_weight)) AS queueP50Ns,
    min(g.virtual) = 1 AS virtual
FROM call_graph AS g
WHERE hour >= {from:DateTime('UTC')} AND hour < {to:DateTime('UTC')}
GROUP BY caller, callee
ORDER BY caller, callee
