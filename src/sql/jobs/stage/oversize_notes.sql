-- Notes on the oversize traces of the build, one row per trace and at most twenty an hour.
SELECT toUnixTimestamp(b.hour) AS hour, concat('trace ', substring(any(s.TraceId), 1, 64), ' has ', toString(any(o.spans)), ' spans, more than one build holds: left out') AS note
FROM otel_traces AS s
INNER JOIN (SELECT trace, hour FROM batch_traces WHERE trace IN (SELECT trace FROM oversize)) AS b ON b.trace = s.TraceKey
INNER JOIN oversize AS o ON o.trace = s.TraceKey
WHERE s.Timestamp >= b.hour AND s.Timestamp < b.hour + INTERVAL 1 HOUR
GROUP BY b.hour, s.TraceKey
ORDER BY hour, note
LIMIT 20 BY hour
