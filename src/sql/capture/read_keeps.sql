-- The decisions to keep a trace of the last milliseconds, by the server's clock. Grain: one row a trace.
-- Reads only; a decision that is read twice changes nothing. Of several weights the smallest counts: whoever keeps most knows best.
SELECT TraceId, any(Reason) AS Reason, min(Weight) AS Weight
FROM trace_keeps
WHERE KeptAt >= now64(3, 'UTC') - toIntervalMillisecond({millis:UInt64})
GROUP BY TraceId
ORDER BY max(KeptAt) DESC
LIMIT 50000
FORMAT JSONEachRow
