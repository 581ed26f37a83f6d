-- The cuts: of the spans that lie on a cycle, the best each has seen. One row per cycle.
INSERT INTO cycle_cuts
SELECT DISTINCT best.3
FROM {from:Identifier}
WHERE span IN (SELECT next FROM {from:Identifier})
