-- The touched traces that are known in more than one hour, one row per (trace, hour), for one run (a temporary table): few, so what
-- follows is cheap. Read after this run's own notes were written: of two runs at once, the one that reads last sees both.
-- {days} days around the touched spans are searched, without their own hour when there is only one. The hour of the touched spans
-- themselves is rebuilt anyway, so when it was left does not matter. spans: how many of the trace were touched.
CREATE OR REPLACE TEMPORARY TABLE known
(
    hour DateTime('UTC'), trace UInt64, moved UInt64, first_ns Int64, last_ns Int64, spans UInt64
)
ENGINE = Memory AS
WITH
    (
        SELECT (
            min(hour) - toIntervalDay({days:UInt32}),
            toDateTime(intDiv(greatest(max(last_ns), 0), 1000000000), 'UTC') + toIntervalDay({days:UInt32}),
            if(min(hour) = max(hour), min(hour), toDateTime(4294967295, 'UTC')))
        FROM touched
    ) AS around
SELECT
    note.1 AS hour,
    trace,
    max(note.2) AS moved,
    min(note.3) AS first_ns,
    max(note.4) AS last_ns,
    any(spans) AS spans
FROM
(
    SELECT t.trace AS trace, t.spans AS spans, [(k.hour, k.moved, k.first_ns, k.last_ns), (t.hour, 0, t.first_ns, t.last_ns)] AS notes
    FROM trace_hours AS k
    INNER JOIN touched AS t ON t.trace = k.trace
    WHERE k.hour != t.hour AND k.hour >= around.1 AND k.hour <= around.2 AND k.hour != around.3
)
ARRAY JOIN notes AS note
GROUP BY hour, trace
