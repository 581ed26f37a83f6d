-- Creates the database where it is missing; Atomic, because the default engine of an embedded server lacks what tables need.
-- Safe to repeat.
CREATE DATABASE IF NOT EXISTS {database:Identifier} ENGINE = Atomic
