-- Publishes the edges of the build's hours, one row per hour. Replaces an hour whole: the highest version wins, in whatever order.
INSERT INTO edges_by_hour
SELECT
    h.hour,
    {version:UInt64},
    any(h.rows_in),
    groupArrayIf(caller, e.calls > 0),
    groupArrayIf(callee, e.calls > 0),
    groupArrayIf(destination, e.calls > 0),
    groupArrayIf(virtual, e.calls > 0),
    groupArrayIf(calls / 1000000, e.calls > 0),
    groupArrayIf(errors / 1000000, e.calls > 0),
    groupArrayIf(duration_ns, e.calls > 0),
    groupArrayIf(duration_weight, e.calls > 0),
    groupArrayIf(queue_ns, e.calls > 0),
    groupArrayIf(queue_weight, e.calls > 0)
FROM (SELECT toDateTime(one.1, 'UTC') AS hour, one.2 AS rows_in FROM (SELECT arrayJoin(arrayZip({hours:Array(UInt32)}, {spans:Array(UInt64)})) AS one)) AS h
LEFT JOIN
(
    SELECT
        p.hour AS hour,
        a.name AS caller,
        b.name AS callee,
        d.name AS destination,
        p.virtual AS virtual,
        p.calls AS calls,
        p.errors AS errors,
        p.duration_ns AS duration_ns,
        p.duration_weight AS duration_weight,
        p.queue_ns AS queue_ns,
        p.queue_weight AS queue_weight
    FROM
    (
        SELECT
            hour,
            caller,
            callee,
            destination,
            virtual,
            sumIf(o.calls, histogram = 0) AS calls,
            sumIf(o.errors, histogram = 0) AS errors,
            sumMapIf([bucket], [o.calls], histogram = 0) AS durations,
            sumMapIf([bucket], [o.calls], histogram = 1) AS queues,
            durations.1 AS duration_ns,
            durations.2 AS duration_weight,
            queues.1 AS queue_ns,
            queues.2 AS queue_weight
        FROM edges_part AS o
        GROUP BY hour, caller, callee, destination, virtual
    ) AS p
    LEFT ANY JOIN names AS a ON a.key = p.caller
    LEFT ANY JOIN names AS b ON b.key = p.callee
    LEFT ANY JOIN names AS d ON d.key = p.destination AND p.destination != 0
    ORDER BY hour, caller, callee, destination, virtual
) AS e ON e.hour = h.hour
GROUP BY h.hour
