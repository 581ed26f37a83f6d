-- One step further up, one row per span that has a parent. A way up that never ends is a cycle.
INSERT INTO walk
SELECT DISTINCT {step:UInt32}, parent
FROM spans
WHERE parent != 0 AND span IN (SELECT next FROM walk WHERE step = {step:UInt32} - 1)
