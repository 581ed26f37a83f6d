-- The head of a query whose rows make up a temporary table of the session, in place of the one of that name.
CREATE OR REPLACE TEMPORARY TABLE {to:Identifier} ENGINE = Memory AS
