-- How many spans each trace has, one row per trace (a temporary table), and whether any is stored more than once. By trace, because many
-- small sets cost half of what one big one does.
CREATE OR REPLACE TEMPORARY TABLE trace_sizes ENGINE = Memory AS
SELECT trace, spans, duplicated
FROM
(
    SELECT trace, groupArray(span) AS ids, length(arrayDistinct(ids)) AS spans, spans != length(ids) AS duplicated
    FROM spans
    GROUP BY trace
)
