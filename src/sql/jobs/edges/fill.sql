-- Edges of the call graph out of the tree, one row per (hour, caller, callee, destination, histogram, bucket). An edge is where the agent
-- changes, where a server or consumer answers a client or producer, and where a trace begins. A call that failed and has no children is
-- an edge to its destination. Fills a temporary table, so a run that dies leaves nothing.
-- Buckets keep three significant digits: at most half a percent off, and few enough to keep every hour's histogram.
INSERT INTO edges_part
WITH
    toInt64(round(exp10(floor(log10(greatest(abs(value), 1000))) - 2))) AS step,
    if(abs(value) < 1000, value, sign(value) * intDiv(abs(value) + intDiv(step, 2), step) * step)::Int64 AS bucket
SELECT hour, caller, callee, destination, virtual, histogram, bucket, sum(weight) AS calls, sumIf(weight, error) AS errors
FROM
(
    SELECT
        hour,
        parent_agent AS caller,
        agent AS callee,
        multiIf(destination_key != 0, destination_key, parent_kind = 1, parent_destination_key, 0) AS destination,
        0 AS virtual,
        arrayJoin(if(parent = 0, [(0, end - start)], [(0, end - start), (1, start - parent_start)])) AS measure,
        measure.1::UInt8 AS histogram,
        measure.2 AS value,
        weight,
        error
    FROM tree
    WHERE parent = 0 OR parent_agent != agent OR (kind = 2 AND parent_kind = 1)
    UNION ALL
    SELECT
        hour,
        agent AS caller,
        destination_key AS callee,
        destination_key AS destination,
        1 AS virtual,
        (0, end - start) AS measure,
        0::UInt8 AS histogram,
        end - start AS value,
        weight,
        error
    FROM tree
    WHERE kind = 1
        AND error
        AND destination_key != 0
        AND span NOT IN (SELECT parent FROM tree WHERE parent IN (SELECT span FROM tree WHERE kind = 1 AND error))
)
GROUP BY hour, caller, callee, destination, virtual, histogram, bucket
