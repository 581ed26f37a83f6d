-- Notes that a statement has run. Noting it again only renews the time.
INSERT INTO schema_migrations (name, checksum) VALUES ({name:String}, {checksum:String})
