-- Edges of the call graph, one row per (hour, caller, callee, destination, histogram, bucket), out of the calls: an unanswered call is a
-- call to its destination, which is a virtual node. Fills a temporary table, so a run that dies leaves nothing.
-- Buckets keep three significant digits: at most half a percent off, and few enough to keep every hour's histogram.
INSERT INTO edges_part
WITH
    toInt64(round(exp10(floor(log10(greatest(abs(value), 1000))) - 2))) AS step,
    if(abs(value) < 1000, value, sign(value) * intDiv(abs(value) + intDiv(step, 2), step) * step)::Int64 AS bucket
SELECT hour, caller, callee, destination, virtual, histogram, bucket, sum(weight) AS calls, sumIf(weight, error) AS errors
FROM
(
    SELECT hour, caller, callee, destination, 0::UInt8 AS virtual, 0::UInt8 AS histogram, duration AS value, weight, error
    FROM calls
    WHERE answered
    UNION ALL
    SELECT hour, caller, callee, destination, 0::UInt8, 1::UInt8, queue, weight, error
    FROM calls
    WHERE answered AND queued
    UNION ALL
    SELECT hour, callee, destination, destination, 1::UInt8, 0::UInt8, duration, weight, error
    FROM calls
    WHERE unanswered
)
GROUP BY hour, caller, callee, destination, virtual, histogram, bucket
