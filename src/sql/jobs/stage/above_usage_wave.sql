-- One wave further up, one row per span that is not there yet. Run until a wave is empty.
INSERT INTO {to:Identifier}
SELECT DISTINCT {wave:UInt32}, parent
FROM tree
WHERE parent != 0
    AND span IN (SELECT span FROM {to:Identifier} WHERE wave = {wave:UInt32} - 1)
    AND parent NOT IN (SELECT span FROM {to:Identifier})
