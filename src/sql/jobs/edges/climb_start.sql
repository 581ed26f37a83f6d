-- The callers whose agent has to be looked for, one row per span and step (a temporary table). agent: 0 as long as the ancestors of the
-- same service, up to and without next, name none.
CREATE OR REPLACE TEMPORARY TABLE climbs ENGINE = Memory AS
SELECT 0::UInt32 AS step, span, service_key, parent AS next, 0::UInt64 AS agent
FROM spans
WHERE span IN (SELECT parent FROM calls WHERE unresolved)
