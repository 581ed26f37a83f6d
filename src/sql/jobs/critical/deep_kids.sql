-- Below {depth}: the children that each parent's walk takes, one row per child (a temporary table), whether or not the parent itself is on
-- the critical path. The walk is that of wave.sql.
CREATE OR REPLACE TEMPORARY TABLE deep_kids ENGINE = Memory AS
SELECT hour, weight, parent, parent_path, kid.1 AS span, kid.2 AS path, kid.3 AS start, kid.4 AS end
FROM
(
    SELECT
        parent,
        any(t.hour) AS hour,
        any(t.weight) AS weight,
        any(t.parent_path) AS parent_path,
        arraySort(k -> (-k.4, k.3, k.5), groupArray((span, path, clip_start, clip_end, id_order))) AS kids
    FROM tree AS t
    WHERE depth > {depth:UInt32} AND clip_start < clip_end
    GROUP BY parent
)
ARRAY JOIN
    if(length(kids) = 1, kids, arrayFilter((kid, taken) -> taken, kids, arrayFold(
        (walk, part) -> (
            arrayFold((inner, from, until) -> (if(until <= inner.1, from, inner.1), arrayPushBack(inner.2, until <= inner.1)), part.1, part.2, (walk.1, emptyArrayUInt8())) AS went,
            (went.1, arrayConcat(walk.2, went.2))).2,
        arraySplit((kid, place) -> place % 512 = 1, arrayMap((from, until) -> (from, until), kids.3, kids.4), arrayEnumerate(kids)),
        (9223372036854775807::Int64, emptyArrayUInt8())).2)) AS kid
