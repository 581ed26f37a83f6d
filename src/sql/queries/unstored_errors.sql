-- How many failed spans in a window were never stored, because their traces were over the budget of keeps. One row.
SELECT sum(u.Errors) AS errors
FROM unstored_spans AS u
WHERE Time >= {from:DateTime('UTC')} AND Time < {to:DateTime('UTC')}
