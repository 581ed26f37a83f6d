-- Opens the port of ClickHouse's own protocol, which other servers of a cluster use. Run once by each embedded process that wants one.
SYSTEM START LISTEN TCP;
