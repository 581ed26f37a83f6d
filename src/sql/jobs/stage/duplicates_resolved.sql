-- One row for each span that is stored more than once (a temporary table): of its rows the longest, then the earliest, then the smallest
-- service and name; the further columns only make the choice the same every time.
CREATE OR REPLACE TEMPORARY TABLE resolved ENGINE = Memory AS
SELECT *
FROM spans
WHERE span IN (SELECT span FROM duplicates)
ORDER BY span, end - start DESC, start, service, name, parent, kind, error DESC, agent, destination, input DESC, output DESC, cost DESC, if(weighing > 9223372036854775807, bitNot(weighing), weighing) DESC, keep_reason DESC
LIMIT 1 BY span
