-- Adds the spans of this part of the build, one row per hour.
INSERT INTO rows_of_parts SELECT hour, count() FROM spans GROUP BY hour
