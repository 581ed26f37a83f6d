-- Creates or renews a public view; the text of the view follows. Safe to repeat.
CREATE OR REPLACE VIEW {name:Identifier} AS
