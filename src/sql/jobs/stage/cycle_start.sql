-- The first step of looking for cycles among the rest, one row per span whose parent is in the rest too (a temporary table): next is
-- where its parent leads, best the earliest span on the way there.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT span, parent AS next, (start, id_order, span) AS best
FROM rest
WHERE parent IN (SELECT span FROM rest)
