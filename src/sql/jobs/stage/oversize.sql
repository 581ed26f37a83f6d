-- Traces with more spans than one build holds, one row per trace (a temporary table), of the whole build. Asked only about hours with
-- that many spans; a trace cannot be split, and taking it would take memory without a bound. Counted in 1024 heaps of traces first: mostly
-- none of them is big enough to look at its traces.
CREATE OR REPLACE TEMPORARY TABLE oversize ENGINE = Memory AS
WITH (SELECT fromUnixTimestamp64Nano(max(last_ns)) FROM trace_hours WHERE hour IN {hours:Array(UInt32)}) AS last
SELECT TraceKey AS trace, count() AS spans
FROM otel_traces
WHERE TraceKey % 1024 IN (
        SELECT TraceKey % 1024 AS heap
        FROM otel_traces
        WHERE Timestamp >= toDateTime(arrayMin({hours:Array(UInt32)}), 'UTC') AND Timestamp <= last
        GROUP BY heap
        HAVING count() > {most:UInt64})
    AND Timestamp >= toDateTime(arrayMin({hours:Array(UInt32)}), 'UTC')
    AND Timestamp <= last
GROUP BY trace
HAVING spans > {most:UInt64}
