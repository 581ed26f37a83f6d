-- As stage/hours.sql, with the number of calls that have to be looked further up from. One row per hour.
SELECT
    toUnixTimestamp(hour) AS hour,
    sum(t.spans) AS spans,
    sum(t.duplicated) AS duplicated,
    (SELECT count() FROM calls WHERE unresolved OR backwards) AS climbing
FROM traces AS t
GROUP BY hour
