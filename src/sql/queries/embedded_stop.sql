-- Ends the embedded server at once when its stdin has closed; without it, clients' idle connections hold the end back for five
-- seconds, and with it the lock on the data directory. The signal goes to the process group, which is the server's own.
SYSTEM SHUTDOWN;
