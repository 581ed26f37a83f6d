-- How many spans each hour of the build is made of, one row per hour and part (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE rows_of_parts (hour DateTime('UTC'), rows_in UInt64) ENGINE = Memory
