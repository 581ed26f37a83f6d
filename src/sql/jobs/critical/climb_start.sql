-- The first step of finding which of the deep children hang on a chosen span, one row per child (a temporary table).
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
SELECT span, parent AS next FROM deep_kids
