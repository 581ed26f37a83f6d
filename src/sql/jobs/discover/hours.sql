-- The hours to rebuild, oldest first, one row per hour, with a guess at its number of spans to size the work by: those where a touched
-- trace begins, those that a touched trace has left since they were built, and those whose last attempt failed.
-- reach: when the last span of a trace of these hours ends that is known, in ns; looked at for windows only.
-- With the version of a build that began at {now}, before any span was read, as stage/begin.sql has it.
-- A version is the time at which its build began, so a move noted less than a minute before may not be in it.
-- The guess is what the last build read and what has come since ({all}: touched counts all spans), without a look at the history.
-- Late spans count with the hour of their trace, which is where they are built.
-- biggest: no trace of the hour has more spans, as far as is known then. Of an hour whose last build noted anything nothing is known: it may
-- have left a trace out, whose spans it did not count.
-- A rebuild is whole and idempotent, so an hour too many only costs time.
SELECT
    toUnixTimestamp(w.hour) AS hour,
    if({all:UInt8} = 1, 0, max(was)) + sum(come) AS spans,
    multiIf({all:UInt8} = 1, max(come), max(noted), 9000000000000000, spans) AS biggest,
    toString(toUnixTimestamp64Nano({now:DateTime64(9, 'UTC')})) AS version,
    toString(toDateTime64({now:DateTime64(9, 'UTC')}, 3, 'UTC')) AS started,
    toString((
        SELECT max(last_ns) FROM trace_hours
        WHERE {all:UInt8} = 1 AND hour >= {from:DateTime('UTC')} AND hour < {to:DateTime('UTC')}
    )) AS reach
FROM
(
    SELECT hour, 1 AS wanted, 0 AS left_at, 0 AS built, 0 AS was, 0 AS noted, spans AS come FROM touched
    UNION ALL
    SELECT hour, hour = own, if(moved = 0, 9000000000000000000, moved), 0, 0, 0, if(hour = own, spans, 0)
    FROM (SELECT hour, moved, spans, min(hour) OVER (PARTITION BY trace) AS own FROM known)
    UNION ALL
    SELECT hour, max(failed), 0, minIf(done, done > 0), argMax(spans, spans_at), max(noted), 0
    FROM
    (
        SELECT
            hour,
            job IN {jobs:Array(String)} AND argMax(status, version) = 'failed' AS failed,
            if(job IN {jobs:Array(String)}, maxIf(version, status = 'done'), 0) AS done,
            argMaxIf(rows_in, version, rows_in > 0) AS spans,
            maxIf(version, rows_in > 0) AS spans_at,
            argMaxIf(note != '', version, status = 'done') AS noted
        FROM job_runs
        GROUP BY job, hour
    )
    GROUP BY hour
) AS w
WHERE w.hour >= {from:DateTime('UTC')} AND w.hour < {to:DateTime('UTC')}
GROUP BY w.hour
HAVING max(wanted) = 1 OR (max(left_at) > 0 AND max(left_at) + 60000000000 > max(built))
ORDER BY hour
