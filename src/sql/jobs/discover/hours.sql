-- The hours to rebuild, oldest first, one row per hour, with a guess at its number of spans to size the work by: those where a touched
-- trace begins, those that a touched trace has left since they were built, and those whose last attempt failed.
-- A version is the time at which its build began, so a move noted less than a minute before may not be in it.
-- The guess is what the last build read and what has come since ({all}: touched counts all spans), without a look at the history.
-- A rebuild is whole and idempotent, so an hour too many only costs time.
WITH
    own AS (SELECT trace, min(hour) AS hour FROM known GROUP BY trace),
    built AS (
        SELECT hour, min(version) AS version
        FROM
        (
            SELECT job, hour, max(version) AS version
            FROM job_runs
            WHERE status = 'done' AND job IN {jobs:Array(String)}
            GROUP BY job, hour
        )
        GROUP BY hour
    ),
    failed AS (
        SELECT hour
        FROM
        (
            SELECT job, hour, argMax(status, version) AS last
            FROM job_runs
            WHERE job IN {jobs:Array(String)}
            GROUP BY job, hour
        )
        WHERE last = 'failed'
    ),
    wanted AS (
        SELECT DISTINCT hour FROM touched
        UNION ALL
        SELECT hour FROM own
        UNION ALL
        SELECT known.hour
        FROM known
        INNER JOIN own ON known.trace = own.trace
        LEFT JOIN built ON built.hour = known.hour
        WHERE known.hour != own.hour AND (known.moved = 0 OR known.moved + 60000000000 > built.version)
        UNION ALL
        SELECT hour FROM failed
    )
SELECT toUnixTimestamp(w.hour) AS hour, if({all:UInt8} = 1, 0, any(b.spans)) + any(t.spans) AS spans
FROM (SELECT DISTINCT hour FROM wanted) AS w
LEFT JOIN (SELECT hour, argMax(rows_in, version) AS spans FROM job_runs WHERE rows_in > 0 GROUP BY hour) AS b ON b.hour = w.hour
LEFT JOIN (SELECT hour, sum(t.spans) AS spans FROM touched AS t GROUP BY hour) AS t ON t.hour = w.hour
WHERE w.hour >= {from:DateTime('UTC')} AND w.hour < {to:DateTime('UTC')}
GROUP BY hour
ORDER BY hour
