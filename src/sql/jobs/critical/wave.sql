-- The children on the critical path of the spans that the last wave chose, one row per child. Run until a wave is empty.
-- Intervals are clipped by all ancestors. The walk goes back from the parent's end: of the children that end before the cursor the one
-- that ends last, then the one that starts first, then the smallest SpanId; the cursor moves to its start.
-- Folded in parts of 512 children, because each step of a fold copies what it has gathered: a hundred thousand siblings take no longer
-- than so many spans elsewhere. Children that lie outside, or last no time, take nothing and are left out.
INSERT INTO chosen
SELECT {depth:UInt32}, hour, weight, kid.1, kid.2, parent_path, kid.3, kid.4
FROM
(
    SELECT
        any(p.hour) AS hour,
        any(p.weight) AS weight,
        any(p.path) AS parent_path,
        arraySort(k -> (-k.4, k.3, k.5), groupArray((t.span, t.path, t.clip_start, t.clip_end, t.id_order))) AS kids
    FROM tree AS t
    INNER JOIN (SELECT span, path, hour, weight FROM chosen WHERE depth = {depth:UInt32} - 1) AS p ON t.parent = p.span
    WHERE t.depth = {depth:UInt32} AND t.clip_start < t.clip_end
    GROUP BY p.span
)
ARRAY JOIN
    if(length(kids) = 1, kids, arrayFilter((kid, taken) -> taken, kids, arrayFold(
        (walk, part) -> (
            arrayFold((inner, from, until) -> (if(until <= inner.1, from, inner.1), arrayPushBack(inner.2, until <= inner.1)), part.1, part.2, (walk.1, emptyArrayUInt8())) AS went,
            (went.1, arrayConcat(walk.2, went.2))).2,
        arraySplit((kid, place) -> place % 512 = 1, arrayMap((from, until) -> (from, until), kids.3, kids.4), arrayEnumerate(kids)),
        (9223372036854775807::Int64, emptyArrayUInt8())).2)) AS kid
