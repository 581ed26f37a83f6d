-- What may become an edge, one row per span (a temporary table), with a look at parents only. answered: the agent changes, or a server or
-- consumer answers a client or producer, or a trace begins. failed: a call that failed, which is an edge too where no span has it for its
-- parent (parent_failed). Spans that only continue their parent's work are left out, except those that do not start inside of it: in
-- every cycle of parents there is one.
-- caller: mostly known, as agents name themselves, and in a service whose agents have no name but its own every span is its agent's;
-- where it is not, it is 0, and so is a callee that is the same. Hours and weights are looked up for traces outside of the build's first
-- hour and those that do not weigh 1 only, because most builds of many spans are of one hour.
CREATE OR REPLACE TEMPORARY TABLE calls
(
    hour DateTime('UTC'), weight UInt64, span UInt64, parent UInt64, queued UInt8, caller UInt64, callee UInt64, unresolved UInt8,
    destination UInt64, error UInt8, duration Int64, queue Int64, answer UInt8, failed UInt8, parent_failed UInt8, backwards UInt8,
    answered UInt8
)
ENGINE = Memory AS
SELECT
    if(t.trace = 0, toDateTime({hour:UInt32}, 'UTC'), t.hour) AS hour,
    if(t.trace = 0, 1000000, t.weight)::UInt64 AS weight,
    c.* EXCEPT trace,
    NOT queued OR caller != callee OR answer AS answered
FROM
(
    SELECT
        s.trace AS trace,
        s.span AS span,
        s.parent AS parent,
        p.span != 0 AS queued,
        if(queued, p.agent, toUInt64(s.parent != 0)) AS caller,
        multiIf(s.agent_key != 0, s.agent_key, queued AND s.service_key = p.service_key, caller, s.service_key) AS callee,
        queued AND caller = 0 AS unresolved,
        multiIf(s.destination_key != 0, s.destination_key, p.kind = 1, p.destination_key, 0) AS destination,
        s.error AS error,
        s.end - s.start AS duration,
        s.start - p.start AS queue,
        s.kind = 2 AND p.kind = 1 AS answer,
        s.kind = 1 AND s.error AND s.destination_key != 0 AS failed,
        p.kind = 1 AND p.error AS parent_failed,
        queued AND (queue < 0 OR (queue = 0 AND s.end >= p.end)) AS backwards
    FROM spans AS s
    LEFT JOIN
    (
        SELECT
            span, start, end, kind, error, service_key, destination_key,
            multiIf(
                agent_key != 0, agent_key,
                service_key IN (SELECT service_key FROM spans WHERE agent_key NOT IN (0, service_key) GROUP BY service_key), 0,
                service_key) AS agent
        FROM spans
    ) AS p ON s.parent = p.span
    WHERE NOT queued OR callee != caller OR answer OR failed OR parent_failed OR backwards
) AS c
LEFT JOIN (SELECT trace, hour, weight FROM traces WHERE hour != toDateTime({hour:UInt32}, 'UTC') OR weight != 1000000) AS t ON t.trace = c.trace
