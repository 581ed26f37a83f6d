-- Publishes the critical paths of the build's hours, one row per hour. Replaces an hour whole: the highest version wins.
INSERT INTO critical_by_hour
SELECT
    h.hour,
    {version:UInt64},
    any(h.rows_in),
    groupArrayIf(path, c.critical_ns != 0),
    groupArrayIf(toFloat64(critical_ns) / 1000000, c.critical_ns != 0)
FROM (SELECT toDateTime(one.1, 'UTC') AS hour, one.2 AS rows_in FROM (SELECT arrayJoin(arrayZip({hours:Array(UInt32)}, {spans:Array(UInt64)})) AS one)) AS h
LEFT JOIN
(
    SELECT hour, path, sum(p.critical_ns) AS critical_ns
    FROM critical_part AS p
    GROUP BY hour, path
    ORDER BY hour, path
) AS c ON c.hour = h.hour
GROUP BY h.hour
