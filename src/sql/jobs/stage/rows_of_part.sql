-- Adds the spans of this part of the build, one row per hour.
INSERT INTO rows_of_parts
SELECT b.hour, sum(s.spans)
FROM (SELECT trace, count() AS spans FROM spans GROUP BY trace) AS s
INNER JOIN batch_traces AS b ON b.trace = s.trace
GROUP BY b.hour
