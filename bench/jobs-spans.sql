-- Generated agent traces for the bench: {traces} traces of 16 spans each, of one of 20 teams of five agents, spread over the {seconds}
-- seconds from {from}. A planner calls a model and asks a researcher, who uses a tool that tells an indexer, and a writer, who asks a
-- critic; one critic in fifty does not answer. Deterministic: the same parameters give the same spans.
INSERT INTO otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, SpanAttributes, Duration, StatusCode, Weight)
WITH
    [0, 1, 1, 3, 4, 5, 5, 7, 8, 1, 10, 11, 12, 12, 14, 15] AS parents,
    ['planner', 'planner', 'planner', 'researcher', 'researcher', 'researcher', 'researcher', 'researcher', 'indexer', 'planner', 'writer', 'writer', 'writer', 'writer', 'critic', 'critic'] AS services,
    ['invoke_agent planner', 'chat gpt', 'request agents.research', 'process agents.research', 'invoke_agent researcher', 'chat gpt', 'execute_tool search', 'publish index.add', 'process index.add', 'request agents.write', 'process agents.write', 'invoke_agent writer', 'chat gpt', 'request agents.critique', 'process agents.critique', 'chat gpt'] AS names,
    ['Internal', 'Client', 'Client', 'Server', 'Internal', 'Client', 'Internal', 'Producer', 'Consumer', 'Client', 'Server', 'Internal', 'Client', 'Client', 'Server', 'Client'] AS kinds,
    [0, 10, 210, 215, 220, 225, 405, 410, 420, 510, 515, 520, 525, 705, 715, 720] AS starts,
    [1000, 190, 290, 280, 270, 170, 80, 5, 200, 450, 440, 430, 160, 220, 200, 190] AS lengths,
    ['', '', 'agents.research', 'agents.research', '', '', '', 'index.add', 'index.add', 'agents.write', 'agents.write', '', '', 'agents.critique', 'agents.critique', ''] AS destinations,
    intDiv(number, 16) AS trace,
    number % 16 + 1 AS k,
    cityHash64(trace) AS noise,
    noise % 20 AS team,
    (k IN (14)) AND noise % 50 = 0 AS failed
SELECT
    {from:DateTime64(9, 'UTC')} + toIntervalMillisecond(intDiv(trace * {seconds:UInt32} * 1000, {traces:UInt64}) + starts[k] * (1 + noise % 8)) + toIntervalNanosecond(noise % 1000000) AS Timestamp,
    concat(hex(cityHash64(trace, {salt:UInt32})), hex(noise)) AS TraceId,
    lower(hex(toUInt64(trace * 16 + k))) AS SpanId,
    if(parents[k] = 0, '', lower(hex(toUInt64(trace * 16 + parents[k])))) AS ParentSpanId,
    names[k],
    kinds[k],
    concat(services[k], '-', toString(team)),
    map('service.name', concat(services[k], '-', toString(team)), 'host.name', 'node-1'),
    mapFilter((key, value) -> value != '', map(
        'gen_ai.agent.name', if(names[k] LIKE 'invoke_agent%', concat(services[k], '-', toString(team)), ''),
        'gen_ai.request.model', if(names[k] LIKE 'chat%', 'gpt', ''),
        'gen_ai.usage.input_tokens', if(names[k] LIKE 'chat%', toString(100 + noise % 900), ''),
        'gen_ai.usage.output_tokens', if(names[k] LIKE 'chat%', toString(noise % 300), ''),
        'messaging.destination.name', destinations[k])),
    toUInt64(lengths[k] * (1 + noise % 8)) * 1000000,
    if(failed, 'Error', 'Unset'),
    1
FROM numbers({traces:UInt64} * 16)
WHERE NOT (k IN (15, 16) AND noise % 50 = 0)
