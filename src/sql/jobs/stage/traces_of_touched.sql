-- As traces_of_hours.sql, where the touched traces are all there are in these hours, and known in no other.
CREATE OR REPLACE TEMPORARY TABLE batch_traces
(
    trace UInt64, hour DateTime('UTC'), last_ns Int64
)
ENGINE = Memory AS
SELECT trace, hour, last_ns
FROM touched
WHERE hour IN {hours:Array(UInt32)}
