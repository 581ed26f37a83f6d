-- Notes the oversize traces, one row per trace.
INSERT INTO notes
SELECT hour, concat('trace ', substring(trace_id, 1, 64), ' has ', toString(spans), ' spans, more than one build holds: left out')
FROM oversize
