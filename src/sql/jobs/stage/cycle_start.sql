-- The first step of looking for cycles among unreached spans, one row per span (a temporary table): next is where its parent leads,
-- best the earliest span on the way there. A span that hangs below a cycle leads into it for ever.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT span, parent AS next, (start, id_order, span) AS best
FROM {from:Identifier}
WHERE parent IN (SELECT span FROM {from:Identifier})
