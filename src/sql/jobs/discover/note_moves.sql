-- For traces known in several hours: the earliest is theirs and reaches to their last span, the others are noted as moved, with
-- the time of the first note. Noting it again changes nothing.
INSERT INTO trace_hours (hour, trace, first_ns, last_ns, moved)
SELECT
    one.1 AS hour,
    trace,
    first_ns,
    last_ns,
    multiIf(one.1 = own, 0, one.2 > 0, one.2, toUnixTimestamp64Nano(now64(9))) AS moved
FROM
(
    SELECT
        trace,
        min(k.first_ns) AS first_ns,
        max(k.last_ns) AS last_ns,
        min(hour) AS own,
        groupArray((hour, k.moved)) AS hours
    FROM known AS k
    GROUP BY trace
    HAVING count() > 1
)
ARRAY JOIN hours AS one
