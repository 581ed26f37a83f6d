-- Spans in a window that these jobs have not seen: inserted after their last run, and after the last build of the hour. One row.
SELECT count() AS spans
FROM otel_traces AS s
LEFT JOIN
(
    SELECT hour, min(version) AS version
    FROM
    (
        SELECT job, hour, max(version) AS version
        FROM job_runs
        WHERE status = 'done' AND job IN {jobs:Array(String)}
        GROUP BY job, hour
    )
    GROUP BY hour
    HAVING count() = length({jobs:Array(String)})
) AS b ON b.hour = toStartOfHour(toTimeZone(s.Timestamp, 'UTC'))
WHERE s.Timestamp >= {from:DateTime('UTC')}
    AND s.Timestamp < {to:DateTime('UTC')}
    AND s.InsertedAt > (
        SELECT if(uniqExact(job) = length({jobs:Array(String)}), min(started), toDateTime64(0, 6, 'UTC'))
        FROM (SELECT job, max(started_at) AS started FROM job_watermarks WHERE job IN {jobs:Array(String)} GROUP BY job)
    )
    AND toUnixTimestamp64Nano(s.InsertedAt::DateTime64(9, 'UTC')) > b.version
