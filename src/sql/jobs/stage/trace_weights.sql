-- What each trace weighs, one row per trace (a temporary table). A kept trace weighs what its trigger says: 1, under a flood more.
-- Any other weighs what head sampling says.
CREATE OR REPLACE TEMPORARY TABLE trace_weights ENGINE = Memory AS
SELECT s.trace AS trace, any(b.hour) AS hour, if(countIf(keep_reason != '') > 0, minIf(weight, keep_reason != ''), max(weight)) AS weight
FROM spans AS s
INNER JOIN batch_traces AS b ON b.trace = s.trace
GROUP BY trace
