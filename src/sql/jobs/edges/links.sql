-- Spans with what an edge needs of their parents, one row per span (a temporary table): roots, spans whose agent may differ from their
-- parent's, answers to calls, and failed calls. Spans that only continue their parent's work are left out, except those that do not
-- start inside of it: in every cycle of parents there is one.
-- agent: 0 when it is the parent's or the service's, which only the parents tell. In a service whose agents have no name but its own,
-- every span is its agent's. So caller is mostly known; where it is 0 although there is a parent, it has to be looked for further up.
-- callee: 0 when it is the caller.
CREATE OR REPLACE TEMPORARY TABLE links ENGINE = Memory AS
WITH known AS (
    SELECT
        * EXCEPT (agent),
        multiIf(
            agent_key != 0, agent_key,
            service_key IN (SELECT service_key FROM spans WHERE agent_key NOT IN (0, service_key) GROUP BY service_key), 0,
            service_key) AS agent
    FROM spans
)
SELECT
    s.trace AS trace,
    s.span AS span,
    s.parent AS parent,
    p.span != 0 AS found,
    if(found, p.agent, toUInt64(s.parent != 0)) AS caller,
    multiIf(s.agent != 0, s.agent, NOT found OR s.service_key != p.service_key, s.service_key, caller) AS callee,
    found AND caller = 0 AS unresolved,
    multiIf(s.destination_key != 0, s.destination_key, p.kind = 1, p.destination_key, 0) AS destination,
    s.error AS error,
    s.end - s.start AS duration,
    s.start - p.start AS queue,
    s.kind = 2 AND p.kind = 1 AS answer,
    s.kind = 1 AND s.error AND s.destination_key != 0 AS failed_call,
    found AND (queue < 0 OR (queue = 0 AND s.end >= p.end)) AS backwards
FROM known AS s
LEFT JOIN (SELECT span, start, end, kind, service_key, agent, destination_key FROM known) AS p ON s.parent = p.span
WHERE NOT found OR callee != caller OR answer OR failed_call OR backwards
