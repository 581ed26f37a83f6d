-- Adds the spans of this part of the build, one row per hour. Hours are looked up for traces outside of the build's first hour only.
INSERT INTO rows_of_parts
SELECT if(b.trace = 0, (SELECT min(hour) FROM batch_traces), b.hour) AS hour, sum(s.spans)
FROM trace_sizes AS s
LEFT JOIN (SELECT trace, hour FROM batch_traces WHERE hour != (SELECT min(hour) FROM batch_traces)) AS b ON b.trace = s.trace
GROUP BY hour
