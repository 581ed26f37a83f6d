-- Hides a public view behind its own result over this session's tables (a temporary table); the text of the view follows.
CREATE TEMPORARY TABLE {name:Identifier} ENGINE = Memory AS
