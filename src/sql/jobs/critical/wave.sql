-- The children on the critical path of the spans that the last wave chose, one row per child. Run until a wave is empty.
-- Intervals are clipped by all ancestors. The walk goes back from the parent's end: of the children that end before the cursor the one
-- that ends last, then the one that starts first, then the smallest SpanId; the cursor moves to its start.
-- Children that lie outside, or last no time, take nothing and are left out.
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
    if(length(kids) = 1, kids, arrayMap(i -> kids[i], arrayFold(
        (walk, from, until, i) -> if(until <= walk.1, (from, arrayPushBack(walk.2, i)), walk),
        kids.3, kids.4, arrayEnumerate(kids),
        (9223372036854775807::Int64, emptyArrayUInt32())).2)) AS kid
