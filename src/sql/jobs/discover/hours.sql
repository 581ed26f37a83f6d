-- The hours to rebuild, oldest first, one row per hour, with a guess at its number of spans to size the work by: those where a touched
-- trace begins, those that a touched trace has left since they were built, and those whose last attempt failed.
-- A version is the time at which its build began, so a move noted less than a minute before may not be in it.
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
        SELECT DISTINCT hour FROM own
        UNION DISTINCT
        SELECT DISTINCT known.hour FROM known INNER JOIN own ON known.trace = own.trace LEFT JOIN built ON built.hour = known.hour
        WHERE known.hour != own.hour AND (known.moved = 0 OR known.moved + 60000000000 > built.version)
        UNION DISTINCT
        SELECT hour FROM failed
    )
SELECT toUnixTimestamp(wanted.hour) AS hour, spans
FROM wanted
LEFT JOIN
(
    SELECT toStartOfHour(toTimeZone(Timestamp, 'UTC')) AS hour, count() AS spans
    FROM otel_traces
    WHERE Timestamp >= (SELECT min(wanted.hour) FROM wanted) AND Timestamp < (SELECT max(wanted.hour) FROM wanted) + INTERVAL 1 HOUR
    GROUP BY hour
) AS counted ON counted.hour = wanted.hour
WHERE wanted.hour >= {from:DateTime('UTC')} AND wanted.hour < {to:DateTime('UTC')}
ORDER BY hour
