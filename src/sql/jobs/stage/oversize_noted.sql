-- Notes the oversize traces of this part of the build, one row per trace.
INSERT INTO notes
SELECT b.hour, concat('trace ', substring(any(s.TraceId), 1, 64), ' has ', toString(any(o.spans)), ' spans, more than one build holds: left out')
FROM otel_traces AS s
INNER JOIN (SELECT trace, hour FROM batch_traces WHERE trace IN (SELECT trace FROM oversize)) AS b ON b.trace = s.TraceKey
INNER JOIN oversize AS o ON o.trace = s.TraceKey
WHERE s.Timestamp >= b.hour AND s.Timestamp < b.hour + INTERVAL 1 HOUR
GROUP BY b.hour, s.TraceKey
