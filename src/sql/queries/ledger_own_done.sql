-- Writes the ledger for a user's own job over one hour, one row. Only a record: nothing depends on its order.
INSERT INTO job_runs (run, job, hour, version, status, started_at, finished_at, rows_in, rows_out, error, note)
SELECT {run:UUID}, {job:String}, toDateTime({hour:UInt32}, 'UTC'), {version:UInt64}, 'done', {started:DateTime64(3, 'UTC')}, now64(3, 'UTC'), 0, {rows:UInt64}, '', ''
