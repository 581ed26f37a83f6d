-- The ledger in short, one row per job that ran: how far it has seen, and its hours.
SELECT
    job,
    formatDateTime(max(finished_at), '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS lastRun,
    uniqExactIf(hour, status = 'done') AS hours,
    formatDateTime(max(hour), '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS newestHour,
    sumIf(rows_in, status = 'done') AS rowsIn,
    sumIf(rows_out, status = 'done') AS rowsOut,
    countIf(status = 'failed') AS failures,
    argMaxIf(error, finished_at, status = 'failed') AS lastError
FROM job_runs
GROUP BY job
ORDER BY job
