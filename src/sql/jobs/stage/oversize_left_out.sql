-- Leaves the oversize traces out of the build, the rest of the hour stays (a temporary table, private to one run).
ALTER TABLE batch_traces DELETE WHERE trace IN (SELECT trace FROM oversize)
