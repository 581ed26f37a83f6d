-- What each trace weighs that does not weigh 1, one row per trace (a temporary table), in millionths. A kept trace weighs what its trigger
-- says: 1, under a flood more. Any other weighs what head sampling says.
CREATE OR REPLACE TEMPORARY TABLE trace_weights ENGINE = Memory AS
SELECT s.trace AS trace, if(countIf(keep_reason != '') > 0, minIf(s.weight, keep_reason != ''), max(s.weight)) AS weight
FROM spans AS s
WHERE s.weight != 1000000 OR keep_reason != ''
GROUP BY trace
HAVING weight != 1000000
