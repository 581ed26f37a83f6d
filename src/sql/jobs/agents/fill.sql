-- What each agent did, one row per (hour, agent, bucket). Entries from another agent or from outside carry the bucket of their duration;
-- what all spans add up to stands in bucket -1. Sums in millionths, cost of billionths of a dollar. For a temporary table, so a run that
-- dies leaves nothing. Buckets keep three significant digits, as in the edges job.
CREATE OR REPLACE TEMPORARY TABLE agents_part
(
    hour DateTime('UTC'), agent UInt64, bucket Int64, calls UInt64, call_errors UInt64, spans UInt64, errors UInt64, self_ns Int128,
    input_tokens UInt128, output_tokens UInt128, cost UInt128
)
ENGINE = Memory AS
SELECT
    hour,
    agent,
    bucket,
    sum(weight) AS calls,
    sumIf(weight, error) AS call_errors,
    toUInt64(0) AS spans,
    toUInt64(0) AS errors,
    toInt128(0) AS self_ns,
    toUInt128(0) AS input_tokens,
    toUInt128(0) AS output_tokens,
    toUInt128(0) AS cost
FROM
(
    SELECT
        hour,
        agent,
        weight,
        error,
        end - start AS value,
        intExp10(greatest(countDigits(value), 3) - 3)::Int64 AS step,
        intDiv(value + intDiv(step, 2), step) * step AS bucket
    FROM tree
    WHERE parent = 0 OR parent_agent != agent OR (kind = 2 AND parent_kind = 1)
)
GROUP BY hour, agent, bucket
UNION ALL
SELECT
    hour,
    agent,
    toInt64(-1) AS bucket,
    toUInt64(0) AS calls,
    toUInt64(0) AS call_errors,
    sum(s.spans) AS spans,
    sum(s.errors) AS errors,
    sum(s.self_ns) AS self_ns,
    sum(s.input_tokens) AS input_tokens,
    sum(s.output_tokens) AS output_tokens,
    toUInt128(0) AS cost
FROM
(
    SELECT
        hour,
        agent,
        weight AS spans,
        if(error, weight, toUInt64(0)) AS errors,
        toInt128(end - start) * weight AS self_ns,
        input + output > 0 AND span NOT IN (SELECT span FROM above_usage) AS counts,
        if(counts, toUInt128(input) * weight, toUInt128(0)) AS input_tokens,
        if(counts, toUInt128(output) * weight, toUInt128(0)) AS output_tokens
    FROM tree
    UNION ALL
    SELECT
        hour,
        agent,
        toUInt64(0) AS spans,
        toUInt64(0) AS errors,
        -toInt128(covered_ns) * weight AS self_ns,
        0 AS counts,
        toUInt128(0) AS input_tokens,
        toUInt128(0) AS output_tokens
    FROM covered
) AS s
GROUP BY hour, agent
UNION ALL
SELECT
    hour,
    agent,
    toInt64(-1) AS bucket,
    toUInt64(0) AS calls,
    toUInt64(0) AS call_errors,
    toUInt64(0) AS spans,
    toUInt64(0) AS errors,
    toInt128(0) AS self_ns,
    toUInt128(0) AS input_tokens,
    toUInt128(0) AS output_tokens,
    sum(toUInt128(c.cost) * t.weight) AS cost
FROM tree AS t
INNER JOIN (SELECT span, cost FROM spans WHERE cost > 0 AND span NOT IN (SELECT span FROM above_cost)) AS c ON c.span = t.span
GROUP BY hour, agent
