-- The greatest depth of the rest, one row.
SELECT max(depth) AS depth FROM {from:Identifier}
