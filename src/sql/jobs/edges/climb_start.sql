-- The callers whose agent neither they nor their parents name, one row per span and step (a temporary table). agent: 0 as long as the
-- ancestors of the same service, up to and without next, name none.
CREATE OR REPLACE TEMPORARY TABLE climbs ENGINE = Memory AS
SELECT 0::UInt32 AS step, parent AS span, any(parent_service_key) AS service_key, any(l.next) AS next, 0::UInt64 AS agent
FROM links AS l
WHERE unresolved
GROUP BY parent
