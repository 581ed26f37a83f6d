-- The version of a build: the server's time before the build reads anything, in ns. One row.
SELECT toString(toUnixTimestamp64Nano(now64(9))) AS version, toString(now64(3, 'UTC')) AS started
