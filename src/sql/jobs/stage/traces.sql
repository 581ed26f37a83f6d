-- The traces of this part of the build, one row per trace (a temporary table): its hour, how many spans it has, whether any of them is
-- stored more than once, and its weight in millionths. A kept trace weighs what its trigger says: 1, under a flood more. Any other weighs
-- what head sampling says. Spans are counted by trace, because many small sets cost half of what one big one does.
CREATE OR REPLACE TEMPORARY TABLE traces
(
    hour DateTime('UTC'), trace UInt64, spans UInt64, duplicated UInt8, weight UInt64
)
ENGINE = Memory AS
SELECT b.hour AS hour, t.trace AS trace, t.spans AS spans, t.duplicated AS duplicated, t.weight AS weight
FROM
(
    SELECT
        s.trace AS trace,
        groupArray(span) AS ids,
        arrayUniq(ids) AS spans,
        spans != length(ids) AS duplicated,
        min(weighing) AS least,
        if(least > 9223372036854775807, bitNot(least), least) AS weight
    FROM spans AS s
    GROUP BY trace
) AS t
INNER JOIN (SELECT trace, hour FROM batch_traces WHERE trace % {parts:UInt32} = {part:UInt32}) AS b ON b.trace = t.trace
