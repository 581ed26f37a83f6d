-- Doubles the steps, one row per span (a temporary table). A span whose next has been reached by the waves stays as it is.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT
    a.span AS span,
    if(b.steps = 0, a.next, b.next) AS next,
    if(a.agent = 0 AND b.steps != 0, b.agent, a.agent) AS agent,
    a.steps + b.steps AS steps
FROM {from:Identifier} AS a
LEFT JOIN {from:Identifier} AS b ON a.next = b.span
