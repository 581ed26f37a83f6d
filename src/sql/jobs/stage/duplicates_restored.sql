-- Puts the chosen row of each such span back. One row per span.
INSERT INTO spans SELECT * FROM resolved
