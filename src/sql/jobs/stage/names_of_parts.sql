-- The names behind the keys of all parts of the build (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE names_of_parts (key UInt64, name String) ENGINE = Memory
