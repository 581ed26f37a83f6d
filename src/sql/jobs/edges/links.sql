-- Spans with what an edge needs of their parents, one row per span (a temporary table): roots, spans whose agent may differ from their
-- parent's, answers to calls, and failed calls. Spans that only continue their parent's work are left out, except those that do not
-- start inside of it: in every cycle of parents there is one.
-- caller: the parent's agent, or 0 when it has to be looked for above next; that is for few, as agents mostly name themselves.
CREATE OR REPLACE TEMPORARY TABLE links ENGINE = Memory AS
SELECT
    c.*,
    g.parent AS next,
    multiIf(
        NOT c.found, toUInt64(c.parent != 0),
        c.parent_agent_key != 0, c.parent_agent_key,
        g.span = 0 OR g.service_key != c.parent_service_key, c.parent_service_key,
        g.agent_key) AS caller,
    c.found AND caller = 0 AS unresolved
FROM
(
    SELECT
        s.trace AS trace,
        s.span AS span,
        s.parent AS parent,
        s.start AS start,
        s.end AS end,
        s.kind AS kind,
        s.error AS error,
        s.service_key AS service_key,
        s.agent_key AS agent_key,
        s.destination_key AS destination_key,
        p.span != 0 AS found,
        p.start AS parent_start,
        p.kind AS parent_kind,
        p.service_key AS parent_service_key,
        p.agent_key AS parent_agent_key,
        p.destination_key AS parent_destination_key,
        if(p.agent_key = 0, p.parent, 0) AS grandparent,
        found AND (p.start > s.start OR (p.start = s.start AND p.end <= s.end)) AS backwards,
        s.kind = 1 AND s.error AND s.destination_key != 0 AS failed_call
    FROM spans AS s
    LEFT JOIN (SELECT span, parent, start, end, kind, service_key, agent_key, destination_key FROM spans) AS p ON s.parent = p.span
    WHERE NOT found
        OR s.agent_key != 0
        OR s.service_key != p.service_key
        OR (s.kind = 2 AND p.kind = 1)
        OR failed_call
        OR backwards
) AS c
LEFT JOIN (SELECT span, parent, service_key, agent_key FROM spans) AS g ON g.span = c.grandparent
