-- The number of staged spans, one row.
SELECT count() AS spans FROM spans
