-- Adds the names of this part of the build, one row per name.
INSERT INTO names_of_parts SELECT key, name FROM names
