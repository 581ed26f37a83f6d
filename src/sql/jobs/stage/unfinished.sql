-- How many rows of a doubling table still lead to another row of it, one row: none when the doubling is done.
SELECT count() AS rows FROM {from:Identifier} WHERE next IN (SELECT span FROM {from:Identifier})
