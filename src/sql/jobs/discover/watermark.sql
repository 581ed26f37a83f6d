-- How far these jobs have seen, and the server's clock now. One row; since is the epoch for a job that never ran.
-- {margin} seconds are looked at again: a big insert becomes visible a while after the time that its rows carry.
SELECT
    toString(now64(6, 'UTC')) AS now,
    toString(min(seen) - toIntervalSecond({margin:UInt32})) AS since
FROM
(
    SELECT job, max(mark) AS seen
    FROM
    (
        SELECT job, watermark AS mark FROM job_watermarks WHERE job IN {jobs:Array(String)}
        UNION ALL
        SELECT arrayJoin({jobs:Array(String)}) AS job, toDateTime64(86400, 6, 'UTC') AS mark
    )
    GROUP BY job
)
