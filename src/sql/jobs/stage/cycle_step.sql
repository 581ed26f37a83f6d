-- Doubles the steps of each span on its way through its parents, one row per span that is still on its way (a temporary table): those
-- that come out at a root's side drop out. After enough rounds the others have arrived on their cycle, and every span of a cycle has
-- seen all of it.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT a.span AS span, b.next AS next, least(a.best, b.best) AS best
FROM {from:Identifier} AS a
INNER JOIN {from:Identifier} AS b ON a.next = b.span
