-- Writes the ledger for the hours that a build has published, one row per job and hour, out of what it published (published.sql, for each
-- job). Only a record: nothing depends on its order, and a run that dies before it is done again.
INSERT INTO job_runs (run, job, hour, version, status, started_at, finished_at, rows_in, rows_out, error, note)
SELECT {run:UUID}, job, hour, {version:UInt64}, 'done', {started:DateTime64(3, 'UTC')}, now64(3, 'UTC'), rows_in, rows_out, '', {notes:Array(String)}[indexOf({noted:Array(UInt32)}, toUnixTimestamp(hour))]
FROM published
