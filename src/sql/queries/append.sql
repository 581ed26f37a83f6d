-- The head of a query whose rows are added to a table.
INSERT INTO {to:Identifier}
