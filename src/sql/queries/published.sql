-- What a build published of one job, one row per hour, with the numbers of rows that it read and made.
SELECT {job:String} AS job, hour, rows_in, length({rows:Identifier}) AS rows_out
FROM {table:Identifier}
WHERE hour IN {hours:Array(UInt32)} AND version = {version:UInt64}
