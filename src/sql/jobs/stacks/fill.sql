-- Self time, tokens, errors and calls of each path, one row per (hour, path). Self time is the sum of durations minus what children
-- cover of them. Sums in millionths. For a temporary table, so a run that dies leaves nothing.
CREATE OR REPLACE TEMPORARY TABLE stacks_part
(
    hour DateTime('UTC'), path UInt64, self_ns Int128, tokens UInt128, errors UInt64, calls UInt64
)
ENGINE = Memory AS
SELECT hour, path, sum(p.self_ns) AS self_ns, sum(p.tokens) AS tokens, sum(p.errors) AS errors, sum(p.calls) AS calls
FROM
(
    SELECT
        hour,
        path,
        toInt128(end - start) * weight AS self_ns,
        if(input + output = 0 OR span IN (SELECT span FROM above_usage), toUInt128(0), toUInt128(input + output) * weight) AS tokens,
        if(error, weight, toUInt64(0)) AS errors,
        weight AS calls
    FROM tree
    UNION ALL
    SELECT hour, path, -toInt128(covered_ns) * weight AS self_ns, toUInt128(0) AS tokens, toUInt64(0) AS errors, toUInt64(0) AS calls
    FROM covered
) AS p
GROUP BY hour, path
