-- The spans as trees, one row per span (a temporary table, filled from the roots down).
-- wave: the round that reached it; depth: its distance from its root; path: a hash of the frames from the root to it, path of the
-- parent * 11400714819323198483 + hash of the frame, so that runs of frames can be put together; clip_start, clip_end: its interval
-- as clipped by all of its ancestors, empty when end is not after start.
CREATE OR REPLACE TEMPORARY TABLE tree
(
    wave UInt32,
    depth UInt32,
    hour DateTime('UTC'),
    weight UInt64,
    trace UInt64,
    span UInt64,
    parent UInt64,
    id_order FixedString(16),
    start Int64,
    end Int64,
    clip_start Int64,
    clip_end Int64,
    parent_start Int64,
    parent_end Int64,
    path UInt64,
    parent_path UInt64,
    agent UInt64,
    parent_agent UInt64,
    service_key UInt64,
    name_key UInt64,
    destination_key UInt64,
    parent_destination_key UInt64,
    kind UInt8,
    parent_kind UInt8,
    error UInt8,
    input UInt64,
    output UInt64
)
ENGINE = Memory
