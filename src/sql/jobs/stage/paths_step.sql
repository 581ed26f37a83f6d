-- Doubles the frames that each path knows, one row per path (a temporary table). Run once for each doubling of the depth.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT
    a.path AS path,
    if(b.path = 0, a.up, b.up) AS up,
    arrayConcat(b.agents, a.agents) AS agents,
    arrayConcat(b.names, a.names) AS names
FROM {from:Identifier} AS a
LEFT JOIN {from:Identifier} AS b ON a.up = b.path
