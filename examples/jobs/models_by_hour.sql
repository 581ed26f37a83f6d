-- Calls, failures and output tokens by model. One row per hour, version and model; of an hour the rows of the highest version count, so
-- it may run again, and from several places at once. A row without a model says that the hour was built, also when nothing is left of it.
CREATE TABLE IF NOT EXISTS models_by_hour
(
    hour DateTime('UTC'),
    version UInt64,
    model LowCardinality(String),
    calls Float64,
    errors Float64,
    output_tokens Float64
)
ENGINE = MergeTree
ORDER BY (hour, version, model);

INSERT INTO models_by_hour
SELECT
    {hour:DateTime('UTC')},
    {version:UInt64},
    s.SpanAttributes['gen_ai.request.model'] AS model,
    sum(t.weight),
    sumIf(t.weight, s.StatusCode = 'Error'),
    sum(s.OutputTokens * t.weight)
FROM otel_traces AS s
INNER JOIN (SELECT trace_id, weight FROM trace_summary WHERE hour = {hour:DateTime('UTC')}) AS t ON t.trace_id = s.TraceId
WHERE s.Timestamp >= {hour:DateTime('UTC')} AND model != ''
GROUP BY model
UNION ALL
SELECT {hour:DateTime('UTC')}, {version:UInt64}, '', 0, 0, 0;

CREATE OR REPLACE VIEW models AS
SELECT hour, model, calls, errors, output_tokens
FROM models_by_hour
WHERE model != '' AND (hour, version) IN (SELECT hour, max(version) FROM models_by_hour GROUP BY hour);

DELETE FROM models_by_hour WHERE hour = {hour:DateTime('UTC')} AND version + 3600000000000 < {version:UInt64};
