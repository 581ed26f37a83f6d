-- The parents that have to be looked further up from, one row per span and step (a temporary table): callers whose agent is not known yet, and
-- parents that start after their children (far), whose way up must end, or it is a cycle. agent: 0 as long as the ancestors of the same
-- service, up to and without next, name none.
CREATE OR REPLACE TEMPORARY TABLE climbs ENGINE = Memory AS
SELECT
    0::UInt32 AS step,
    span,
    service_key,
    parent AS next,
    0::UInt64 AS agent,
    span IN (SELECT parent FROM calls WHERE backwards) AS far
FROM spans
WHERE span IN (SELECT parent FROM calls WHERE unresolved OR backwards)
