-- The first step of finding agents and depths of the rest without a wave for each level, one row per span (a temporary table): agent is
-- its own, or 0 as long as it is the one that its ancestors hand down; next is the ancestor `steps` levels up.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT
    s.span AS span,
    s.parent AS next,
    multiIf(s.agent_key != 0, s.agent_key, s.service_key = p.service_key, 0, s.service_key)::UInt64 AS agent,
    1::UInt32 AS steps
FROM (SELECT span, parent, agent_key, service_key FROM rest WHERE span NOT IN (SELECT span FROM cycle_cuts)) AS s
INNER JOIN (SELECT span, service_key FROM spans WHERE span IN (SELECT parent FROM rest)) AS p ON s.parent = p.span
