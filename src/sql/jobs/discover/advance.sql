-- Moves the watermark of these jobs, one row per job. The highest watermark wins, so a slower run that ends later changes nothing.
INSERT INTO job_watermarks (job, watermark, started_at)
SELECT arrayJoin({jobs:Array(String)}), toDateTime64({now:String}, 6, 'UTC'), toDateTime64({now:String}, 6, 'UTC')
