-- How many spans this part of the build has, each counted once, and how many of its traces have some that are stored more than once.
-- One row per hour.
SELECT toUnixTimestamp(hour) AS hour, sum(t.spans) AS spans, sum(t.duplicated) AS duplicated
FROM traces AS t
GROUP BY hour
