-- The deep children on the critical path, one row per child: those whose way up ends at a span that a wave chose.
INSERT INTO chosen
SELECT {depth:UInt32}, hour, weight, span, path, parent_path, start, end
FROM deep_kids
WHERE span IN (SELECT span FROM {from:Identifier} WHERE next IN (SELECT span FROM chosen WHERE depth = {depth:UInt32} - 1))
