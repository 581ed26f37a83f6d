-- The edges of the call graph, one row per (hour, caller, callee, destination). A virtual callee never answered and is known by its
-- destination only. Times in ns; queue time is the callee's start after the caller's. For more than one hour, merge the histograms
-- (duration_ns, duration_weight), not the quantiles.
SELECT
    hour,
    caller,
    callee,
    destination,
    virtual,
    calls,
    errors,
    arrayReduce('quantilesExactWeighted(0.5, 0.95, 0.99)', duration_ns, duration_weight) AS quantiles,
    quantiles[1] AS p50_ns,
    quantiles[2] AS p95_ns,
    quantiles[3] AS p99_ns,
    if(empty(queue_ns), 0, arrayReduce('quantileExactWeighted(0.5)', queue_ns, queue_weight)) AS queue_p50_ns,
    duration_ns,
    duration_weight,
    queue_ns,
    queue_weight
FROM edges_by_hour FINAL
ARRAY JOIN caller, callee, destination, virtual, calls, errors, duration_ns, duration_weight, queue_ns, queue_weight
