-- Notes the hour of each touched trace, one row per trace. Its columns only move one way, so noting it again changes nothing. Sorted as
-- the table is, by all cores: the insert itself would sort on one.
INSERT INTO trace_hours (hour, trace, first_ns, last_ns, moved)
SELECT hour, trace, first_ns, last_ns, 0
FROM touched
ORDER BY hour, trace
