import type { ClickHouseClient } from '@clickhouse/client';
import type { Report, Row, Target } from '../harness.js';
import type { Oracle } from './oracle.js';

interface Stats {
  sampling: { missed: number; overBudget: number; evictedSpans: number; share: number; kept: Record<string, number> };
  export: { dropped: Record<string, number> };
  hub: { messagesSent: number };
  rss: number;
}

/** Spans that are stored, by trace; only of traces with a reason to be kept, or all when `ids` is given. */
async function storedSpans(client: ClickHouseClient, ids: string[]): Promise<Map<string, string[]>> {
  const stored = new Map<string, string[]>();
  await client.command({ query: 'CREATE TABLE IF NOT EXISTS soak.failing (TraceId String) ENGINE = Memory' });
  await client.insert({ table: 'soak.failing', values: ids.map((TraceId) => ({ TraceId })), format: 'JSONEachRow' });
  const result = await client.query({
    query: `SELECT TraceId, groupArray(SpanId) AS ids FROM soak.otel_traces
            WHERE TraceId IN (SELECT TraceId FROM soak.failing) GROUP BY TraceId`,
    format: 'JSONEachRow',
  });
  for await (const rows of result.stream<{ TraceId: string; ids: string[] }>()) {
    for (const row of rows) {
      const { TraceId, ids: spans } = row.json();
      stored.set(TraceId, spans);
    }
  }
  return stored;
}

async function one(client: ClickHouseClient, query: string): Promise<Record<string, number>> {
  const settings = { output_format_json_quote_64bit_integers: 0 as const };
  const result = await client.query({ query, format: 'JSONEachRow', clickhouse_settings: settings });
  return (await result.json<Record<string, number>>())[0] ?? {};
}

/** Estimated calls by service and span name, each with its standard error, from the weights of whole traces. */
async function estimates(client: ClickHouseClient): Promise<Map<string, { estimate: number; error: number }>> {
  const result = await client.query({
    query: `WITH traces AS (
              SELECT TraceId, if(countIf(KeepReason != '') > 0, minIf(Weight, KeepReason != ''), max(Weight)) AS w
              FROM soak.otel_traces GROUP BY TraceId),
            calls AS (
              SELECT TraceId, concat(ServiceName, ' ', SpanName) AS name, uniqExact(SpanId) AS n
              FROM soak.otel_traces GROUP BY TraceId, name)
            SELECT name, sum(n * w) AS estimate, sqrt(sum(n * n * w * (w - 1))) AS error
            FROM calls JOIN traces USING TraceId GROUP BY name`,
    format: 'JSONEachRow',
  });
  const rows = await result.json<{ name: string; estimate: number; error: number }>();
  return new Map(rows.map(({ name, estimate, error }) => [name, { estimate: Number(estimate), error: Number(error) }]));
}

function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** The report: what the store has of what really happened. */
export async function compare(
  scenario: string,
  bus: string,
  oracle: Oracle,
  client: ClickHouseClient,
  run: { seconds: number; killed: string[] },
): Promise<Report> {
  const stored = await storedSpans(client, [...oracle.failing.keys()]);
  let [whole, present, missing, missingOfKilled, twice] = [0, 0, 0, 0, 0];
  let wholeOrKilled = 0;
  let brokenKept = 0;
  for (const [traceId, spans] of oracle.failing) {
    const ids = stored.get(traceId) ?? [];
    const unique = new Set(ids);
    twice += ids.length - unique.size;
    const absent = [...spans].filter(([id]) => !unique.has(id));
    const ofOthers = absent.filter(([, service]) => !run.killed.includes(service));
    missing += absent.length;
    missingOfKilled += absent.length - ofOthers.length;
    if (absent.length === 0) whole++;
    if (ofOthers.length === 0) wholeOrKilled++;
    if (unique.size > 0) {
      present++;
      if (ofOthers.length > 0) brokenKept++;
    }
  }
  const all = await one(
    client,
    `SELECT count() - uniqExact(TraceId, SpanId) AS twice, uniqExact(TraceId) AS traces FROM soak.otel_traces`,
  );
  const unkept = await one(
    client,
    `SELECT count() AS spans, sum(byteSize(SpanName, SpanAttributes, ResourceAttributes)) AS bytes FROM soak.otel_traces
     WHERE TraceState NOT LIKE '%th:%' AND TraceId NOT IN (SELECT TraceId FROM soak.otel_traces WHERE KeepReason != '')`,
  );
  const estimated = await estimates(client);
  let worst = 0;
  for (const [name, { estimate, error }] of estimated) {
    const truth = oracle.calls.get(name) ?? 0;
    if (error > 0) worst = Math.max(worst, Math.abs(estimate - truth) / error);
  }
  const stats = [...oracle.stats.values()] as unknown as Stats[];
  const sum = (of: (s: Stats) => number): number => stats.reduce((total, s) => total + of(s), 0);
  const dropped = sum((s) => Object.values(s.export.dropped).reduce((a, b) => a + b, 0));
  const overBudget = sum((s) => s.sampling.overBudget);
  const explained = sum((s) => s.sampling.missed) + dropped + overBudget;
  const row = (name: string, value: number, unit: string): Row => ({ name, unit, values: [value] });
  const rows = [
    row('traces', oracle.traces, ''),
    row('spans', oracle.spans, ''),
    row('traces per second', oracle.traces / run.seconds, '/s'),
    row('failing traces', oracle.failing.size, ''),
    row('failing traces stored', present, ''),
    row('failing traces stored whole', whole, ''),
    row('spans of failing traces missing', missing, ''),
    row('… of them of a killed process', missingOfKilled, ''),
    row('stored traces with spans missing of live processes', brokenKept, ''),
    row('spans stored twice', twice + (all['twice'] ?? 0), ''),
    row(
      'kept too late (evicted before)',
      sum((s) => s.sampling.missed),
      'traces',
    ),
    row('triggers over budget', overBudget, ''),
    row(
      'spans evicted',
      sum((s) => s.sampling.evictedSpans),
      '',
    ),
    row('spans dropped by the exporters', dropped, ''),
    row('spans stored of traces not kept', unkept['spans'] ?? 0, ''),
    row('bytes stored of traces not kept', unkept['bytes'] ?? 0, 'B'),
    row('keep lag p50', quantile(oracle.keepLagMs, 0.5), 'ms'),
    row('keep lag p99', quantile(oracle.keepLagMs, 0.99), 'ms'),
    row(
      'control messages per second and process',
      Math.max(...stats.map((s) => s.hub.messagesSent)) / run.seconds,
      '/s',
    ),
    row('largest memory of a process', Math.max(...stats.map((s) => s.rss)) / 2 ** 20, 'MiB'),
    row('worst estimate of a call count', worst, 'standard errors'),
  ];
  const targets: Target[] = [
    { name: 'spans stored twice', value: twice + (all['twice'] ?? 0), op: '<=', limit: 0 },
    { name: 'misses without a counter', value: explained === 0 ? missing - missingOfKilled : 0, op: '<=', limit: 0 },
  ];
  if (scenario === 'flood') {
    targets.push(
      { name: 'stored traces that are not whole', value: brokenKept, op: '<=', limit: present * 0.001 },
      { name: 'control messages per second and process', value: rows.at(-3)!.values[0]!, op: '<=', limit: 100 },
      { name: 'largest memory, MiB', value: rows.at(-2)!.values[0]!, op: '<=', limit: 400 },
    );
  } else {
    const share = (scenario === 'kill' ? wholeOrKilled : whole) / Math.max(1, oracle.failing.size);
    targets.push({ name: 'share of failing traces whole', value: share, op: '>=', limit: 0.999 });
  }
  if (scenario === 'plain') {
    targets.push(
      { name: 'traces', value: oracle.traces, op: '>=', limit: 100_000 },
      { name: 'failing traces', value: oracle.failing.size, op: '>=', limit: 3_000 },
      { name: 'keep lag p99, ms', value: quantile(oracle.keepLagMs, 0.99), op: '<=', limit: 50 },
      { name: 'worst estimate, standard errors', value: worst, op: '<=', limit: 3 },
    );
  }
  return { name: `soak capture, ${bus}, ${scenario}`, rounds: 1, rows, targets };
}
