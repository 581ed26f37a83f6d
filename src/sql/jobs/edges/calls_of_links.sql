-- What may become an edge, one row per span (a temporary table), out of links. answered: the agent changes, or a server or consumer answers a
-- client or producer, or a trace begins. unanswered: a call that failed and has no children. Hours are looked up for traces outside of
-- the build's first hour only, because most builds of many spans are of one.
CREATE OR REPLACE TEMPORARY TABLE calls ENGINE = Memory AS
SELECT
    if(b.trace = 0, (SELECT min(hour) FROM batch_traces), b.hour) AS hour,
    if(w.weight = 0, 1000000, w.weight)::UInt64 AS weight,
    if(l.unresolved, c.agent, l.caller) AS caller,
    if(l.callee = 0, caller, l.callee) AS callee,
    l.destination AS destination,
    l.error AS error,
    l.duration AS duration,
    l.found AS queued,
    l.queue AS queue,
    NOT l.found OR caller != callee OR l.answer AS answered,
    l.failed_call AND l.span NOT IN (SELECT parent FROM spans WHERE parent IN (SELECT span FROM links WHERE failed_call)) AS unanswered
FROM links AS l
LEFT JOIN (SELECT trace, hour FROM batch_traces WHERE hour != (SELECT min(hour) FROM batch_traces)) AS b ON b.trace = l.trace
LEFT JOIN (SELECT span, agent FROM climbs WHERE agent != 0) AS c ON c.span = if(l.unresolved, l.parent, 0)
LEFT JOIN trace_weights AS w ON w.trace = l.trace
