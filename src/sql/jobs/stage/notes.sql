-- What is worth a line in the ledger, one row per hour and trace (a temporary table, of the whole build).
CREATE OR REPLACE TEMPORARY TABLE notes (hour DateTime('UTC'), note String) ENGINE = Memory
