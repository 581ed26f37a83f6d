-- Traces with more than 100,000 spans, one row per trace (a temporary table): most likely something ran wild, so their paths are cut short.
CREATE OR REPLACE TEMPORARY TABLE big_traces ENGINE = Memory AS
SELECT trace, spans FROM traces WHERE spans > 100000
