-- Adds the spans of this part of the build, one row per hour.
INSERT INTO rows_of_parts
SELECT b.hour, sum(s.spans)
FROM trace_sizes AS s
INNER JOIN batch_traces AS b ON b.trace = s.trace
GROUP BY b.hour
