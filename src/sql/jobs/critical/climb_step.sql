-- Doubles the steps up through taken children, one row per child (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT a.span AS span, if(b.next = 0, a.next, b.next) AS next
FROM {from:Identifier} AS a
LEFT JOIN {from:Identifier} AS b ON a.next = b.span
