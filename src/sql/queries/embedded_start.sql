-- Opens the HTTP port of the embedded server and holds it open: the last query reads stdin until the parent closes it.
-- Run once by each embedded process; it changes nothing on disk.
SYSTEM START LISTEN HTTP;
SELECT count() FROM table FORMAT Null;
