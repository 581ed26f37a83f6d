-- Edges of the call graph, one row per (hour, caller, callee, destination, histogram, bucket), out of the calls: a failed call that no span
-- has for its parent is a call to its destination, which is a virtual node. histogram: 0 durations, 1 queue times; calls and errors are
-- counted with the durations. Sums in millionths. For a temporary table, so a run that dies leaves nothing.
-- Buckets keep three significant digits: at most half a percent off, and few enough to keep every hour's histogram.
CREATE OR REPLACE TEMPORARY TABLE edges_part
(
    hour DateTime('UTC'), caller UInt64, callee UInt64, destination UInt64, virtual UInt8, histogram UInt8, bucket Int64, calls UInt64,
    errors UInt64
)
ENGINE = Memory AS
SELECT
    any(c.hour) AS hour,
    any(c.caller) AS caller,
    any(c.callee) AS callee,
    any(c.destination) AS destination,
    any(c.virtual) AS virtual,
    any(c.histogram) AS histogram,
    any(c.bucket) AS bucket,
    sum(weight) AS calls,
    sumIf(weight, error) AS errors
FROM
(
    SELECT
        *,
        intExp10(greatest(countDigits(value), 3) - 3)::Int64 AS step,
        intDiv(value + sign(value) * intDiv(step, 2), step) * step AS bucket
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
        WHERE failed AND span NOT IN (SELECT parent FROM calls WHERE parent_failed)
    )
) AS c
GROUP BY cityHash64(c.hour, c.caller, c.callee, c.destination, c.virtual, c.histogram, c.bucket)
