-- Doubles the steps of each span on its way through its parents, one row per span (a temporary table). After enough rounds every
-- span has arrived on its cycle, and every span of a cycle has seen all of it.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT a.span AS span, b.next AS next, least(a.best, b.best) AS best
FROM {from:Identifier} AS a
INNER JOIN {from:Identifier} AS b ON a.next = b.span
