-- The hours of the traces that were selected, one row per hour.
SELECT DISTINCT toUnixTimestamp(hour) AS hour FROM batch_traces ORDER BY hour
