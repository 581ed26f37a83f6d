-- Writes the ledger for hours that failed, one row per hour and job, with the reason. They are tried again by the next run.
INSERT INTO job_runs (run, job, hour, version, status, started_at, finished_at, rows_in, rows_out, error, note)
SELECT {run:UUID}, arrayJoin({jobs:Array(String)}), toDateTime(arrayJoin({hours:Array(UInt32)}), 'UTC'), {version:UInt64}, 'failed', {started:DateTime64(3, 'UTC')}, now64(3, 'UTC'), 0, 0, {error:String}, ''
