-- How many spans each hour of the build is made of, one row per hour (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE rows_per_hour ENGINE = Memory AS
SELECT hour, sum(r.rows_in) AS rows_in FROM rows_of_parts AS r GROUP BY hour
