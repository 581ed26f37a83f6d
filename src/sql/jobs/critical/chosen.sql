-- The spans on critical paths, one row per span (a temporary table, filled wave by wave from the roots down), with their intervals as
-- clipped by all of their ancestors.
CREATE OR REPLACE TEMPORARY TABLE chosen
(
    depth UInt32,
    hour DateTime('UTC'),
    weight UInt64,
    span UInt64,
    path UInt64,
    parent_path UInt64,
    start Int64,
    end Int64
)
ENGINE = Memory
