-- Notes the hour of each touched trace, one row per trace. Its columns only move one way, so noting it again changes nothing.
INSERT INTO trace_hours (hour, trace, trace_id, first_ns, last_ns, moved)
SELECT toDateTime(intDiv(greatest(first_ns, 0), 3600000000000) * 3600, 'UTC'), trace, trace_id, first_ns, last_ns, 0
FROM touched
