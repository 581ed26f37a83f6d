-- Time on the critical path of each path, one row per (hour, path): the clipped intervals of the chosen spans minus those of their chosen
-- children, so the parts sum exactly to the roots' durations. Sums in millionths. For a temporary table, so a run that
-- dies leaves nothing.
CREATE OR REPLACE TEMPORARY TABLE critical_part
(
    hour DateTime('UTC'), path UInt64, critical_ns Int128
)
ENGINE = Memory AS
SELECT hour, path, sum(p.critical_ns) AS critical_ns
FROM
(
    SELECT hour, path, toInt128(end - start) * weight AS critical_ns FROM chosen
    UNION ALL
    SELECT hour, parent_path, -toInt128(end - start) * weight FROM chosen WHERE depth > 0
) AS p
GROUP BY hour, path
