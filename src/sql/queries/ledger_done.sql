-- Writes the ledger for the hours that a build has published, one row per hour, out of what it published. Only a record: nothing
-- depends on its order, and a run that dies before it is done again.
INSERT INTO job_runs (run, job, hour, version, status, started_at, finished_at, rows_in, rows_out, error, note)
SELECT {run:UUID}, {job:String}, hour, version, 'done', {started:DateTime64(3, 'UTC')}, now64(3, 'UTC'), rows_in, rows_out, '', {notes:Array(String)}[indexOf({noted:Array(UInt32)}, toUnixTimestamp(hour))]
FROM (SELECT hour, version, rows_in, length({rows:Identifier}) AS rows_out FROM {table:Identifier} WHERE hour IN {hours:Array(UInt32)})
WHERE version = {version:UInt64}
