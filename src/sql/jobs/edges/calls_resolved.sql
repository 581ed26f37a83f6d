-- The calls with the callers that were looked for, one row per span (a temporary table, which replaces itself).
CREATE OR REPLACE TEMPORARY TABLE calls ENGINE = Memory AS
WITH
    if(c.unresolved, f.agent, c.caller) AS found_caller,
    if(c.callee = 0, found_caller, c.callee) AS found_callee
SELECT
    c.* REPLACE (
        found_caller AS caller,
        found_callee AS callee,
        if(unresolved, answer OR found_caller != found_callee, answered) AS answered)
FROM calls AS c
LEFT ANY JOIN (SELECT span, agent FROM climbs WHERE agent != 0) AS f ON f.span = c.parent
