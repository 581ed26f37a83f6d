-- Chooses the database of this session.
USE {database:Identifier}
