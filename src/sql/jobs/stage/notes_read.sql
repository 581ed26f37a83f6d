-- The notes of the build, one row per hour that has any; of many traces the first twenty.
SELECT toUnixTimestamp(hour) AS hour, arrayStringConcat(arraySlice(arraySort(groupUniqArray(note)), 1, 20), '; ') AS note
FROM notes
GROUP BY hour
ORDER BY hour
