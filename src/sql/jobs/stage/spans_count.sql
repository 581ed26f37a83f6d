-- The number of spans of this part of the build, each counted once, one row.
SELECT sum(s.spans) AS spans FROM trace_sizes AS s
