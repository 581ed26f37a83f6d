-- The traces that belong to the hours of one build, one row per trace (a temporary table, which the first go creates); of too many traces for
-- one statement, those of one go. All notes of a trace in an hour are in one partition.
CREATE OR REPLACE TEMPORARY TABLE batch_traces
(
    trace UInt64, hour DateTime('UTC'), last_ns Int64
)
ENGINE = Memory AS
SELECT trace, min(h.hour) AS hour, max(h.last_ns) AS last_ns
FROM trace_hours AS h FINAL
WHERE h.hour IN {hours:Array(UInt32)} AND trace % {goes:UInt32} = {go:UInt32} AND h.moved = 0
GROUP BY trace
SETTINGS do_not_merge_across_partitions_select_final = 1
