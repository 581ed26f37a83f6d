-- The spans that no wave has reached, one row per span (a temporary table): deep ones, and those in or below a cycle. With their ids, which
-- decide where a cycle is cut.
CREATE OR REPLACE TEMPORARY TABLE rest ENGINE = Memory AS
SELECT s.* EXCEPT id_order, toFixedString(substring(i.SpanId, 1, 16), 16) AS id_order
FROM
(
    SELECT *
    FROM spans
    WHERE trace IN (SELECT trace FROM incomplete) AND span NOT IN (SELECT span FROM tree WHERE trace IN (SELECT trace FROM incomplete))
) AS s
LEFT ANY JOIN
(
    SELECT SpanKey, SpanId
    FROM otel_traces
    WHERE TraceKey IN (SELECT trace FROM incomplete)
        AND Timestamp >= (SELECT min(hour) FROM batch_traces)
        AND Timestamp <= (SELECT fromUnixTimestamp64Nano(max(last_ns)) FROM batch_traces)
) AS i ON i.SpanKey = s.span
