-- The hours of one build, one row per hour (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE batch_hours ENGINE = Memory AS
SELECT toDateTime(arrayJoin({hours:Array(UInt32)}), 'UTC') AS hour
