import { describe, expect, it } from 'vitest';
import { runJobs } from '../../src/jobs/run.js';
import { readCallGraph, readTraces } from '../../src/views/read.js';
import { readTrace } from '../../src/views/trace.js';
import { type TestSpan, useClickHouse } from '../support/clickhouse.js';
import { edgesOf, sorted, stacksOf } from '../support/results.js';

const clickhouse = useClickHouse();
const always = { from: 0, to: Date.UTC(2100, 0) };
const hour = 3_600_000;

/** A planner that asks a worker, which calls a model, and asks someone who is not there. */
const team: TestSpan[] = [
  { trace: 't1', id: 's1', name: 'plan', service: 'planner', at: 0, ms: 100 },
  { trace: 't1', id: 's2', parent: 's1', name: 'request work', kind: 'Client', service: 'planner', at: 10, ms: 50 },
  { trace: 't1', id: 's3', parent: 's2', name: 'process work', kind: 'Server', service: 'worker', at: 15, ms: 40 },
  {
    trace: 't1',
    id: 's4',
    parent: 's3',
    name: 'chat m',
    kind: 'Client',
    service: 'worker',
    at: 20,
    ms: 30,
    attributes: { 'gen_ai.usage.input_tokens': '100', 'gen_ai.usage.output_tokens': '20' },
  },
  {
    trace: 't1',
    id: 's5',
    parent: 's1',
    name: 'request ghost',
    kind: 'Client',
    service: 'planner',
    at: 70,
    ms: 20,
    error: true,
    attributes: { 'messaging.destination.name': 'agents.ghost' },
  },
];

const teamSelf = [
  ['planner: plan', 30],
  ['planner: plan;planner: request ghost', 20],
  ['planner: plan;planner: request work', 10],
  ['planner: plan;planner: request work;worker: process work', 10],
  ['planner: plan;planner: request work;worker: process work;worker: chat m', 30],
];

describe('the jobs', () => {
  it('give self time, tokens and edges of a small team', async () => {
    const db = await clickhouse.database();
    await db.insert(team);
    const { hours, spans, failed } = await runJobs(db.client, { database: db.name });
    expect({ hours, spans, failed }).toEqual({ hours: 1, spans: 5, failed: [] });
    expect(sorted(await stacksOf(db, 'self'))).toEqual(teamSelf);
    expect(sorted(await stacksOf(db, 'self', 'agent'))).toEqual([
      ['planner', 60],
      ['planner;worker', 40],
    ]);
    expect([...(await stacksOf(db, 'tokens')).values()]).toEqual([120]);
    expect([...(await stacksOf(db, 'errors')).keys()]).toEqual(['planner: plan;planner: request ghost']);
    const { edges, nodes } = await readCallGraph(await db.session(), always);
    expect(edges).toEqual([
      {
        caller: '(root)',
        callee: 'planner',
        calls: 1,
        errors: 0,
        p50Ns: 1e8,
        p95Ns: 1e8,
        p99Ns: 1e8,
        queueP50Ns: 0,
        virtual: false,
      },
      {
        caller: 'planner',
        callee: 'agents.ghost',
        calls: 1,
        errors: 1,
        p50Ns: 2e7,
        p95Ns: 2e7,
        p99Ns: 2e7,
        queueP50Ns: 0,
        virtual: true,
      },
      {
        caller: 'planner',
        callee: 'worker',
        calls: 1,
        errors: 0,
        p50Ns: 4e7,
        p95Ns: 4e7,
        p99Ns: 4e7,
        queueP50Ns: 5e6,
        virtual: false,
      },
    ]);
    expect(nodes).toEqual([
      { agent: 'planner', spans: 3, errors: 1, selfNs: 6e7, inputTokens: 0, outputTokens: 0 },
      { agent: 'worker', spans: 2, errors: 0, selfNs: 4e7, inputTokens: 100, outputTokens: 20 },
    ]);
  });

  it('count tokens once when an agent reports the sum of its model calls', async () => {
    const db = await clickhouse.database();
    const usage = (n: number) => ({ 'gen_ai.usage.input_tokens': String(n) });
    await db.insert([
      { trace: 't', id: 'a', at: 0, ms: 10, name: 'agent', attributes: usage(30) },
      { trace: 't', id: 'b', parent: 'a', at: 1, ms: 8, name: 'step' },
      { trace: 't', id: 'c', parent: 'b', at: 2, ms: 2, name: 'chat', attributes: usage(10) },
      { trace: 't', id: 'd', parent: 'b', at: 5, ms: 2, name: 'chat', attributes: usage(20) },
    ]);
    await runJobs(db.client, { database: db.name });
    expect(sorted(await stacksOf(db, 'tokens'))).toEqual([['a: agent;a: step;a: chat', 30]]);
  });

  it('count costs once, whoever reports them, and apart from tokens', async () => {
    const db = await clickhouse.database();
    const cost = (usd: string) => ({ 'spanbus.cost_usd': usd, 'gen_ai.agent.name': 'p' });
    await db.insert([
      // The agent repeats what its model calls cost; another one reports a cost for calls that only count tokens.
      { trace: 't', id: 'a', at: 0, ms: 10, attributes: cost('0.75') },
      { trace: 't', id: 'b', parent: 'a', at: 1, ms: 4, attributes: cost('0.5') },
      { trace: 't', id: 'c', parent: 'a', at: 5, ms: 4, attributes: cost('0.25') },
      { trace: 'u', id: 'a', at: 0, ms: 10, service: 'q', weight: 4, attributes: { 'llm.cost.total': '0.001' } },
      {
        trace: 'u',
        id: 'b',
        parent: 'a',
        at: 1,
        ms: 4,
        service: 'q',
        attributes: { 'gen_ai.usage.input_tokens': '7' },
      },
    ]);
    await runJobs(db.client, { database: db.name });
    const agents = `SELECT agent, cost_usd, input_tokens FROM ${db.name}.agents ORDER BY agent`;
    expect(await db.rows(agents)).toEqual([
      { agent: 'p', cost_usd: 0.75, input_tokens: 0 },
      { agent: 'q', cost_usd: 0.004, input_tokens: 28 },
    ]);
  });

  it('weigh head-sampled traces by their ratio and kept traces as one', async () => {
    const db = await clickhouse.database();
    await db.insert([
      { trace: 't1', id: 'a', at: 0, ms: 10, name: 'sampled', weight: 100 },
      { trace: 't2', id: 'a', at: 0, ms: 10, name: 'foreign', traceState: 'ot=th:8' },
      { trace: 't3', id: 'a', at: 0, ms: 10, name: 'kept', weight: 100 },
      { trace: 't3', id: 'b', parent: 'a', at: 1, ms: 4, name: 'trigger', error: true, keepReason: 'error', weight: 1 },
    ]);
    await runJobs(db.client, { database: db.name });
    expect(sorted(await stacksOf(db, 'calls'))).toEqual([
      ['a: foreign', 2],
      ['a: kept', 1],
      ['a: kept;a: trigger', 1],
      ['a: sampled', 100],
    ]);
    expect((await stacksOf(db, 'self')).get('a: sampled')).toBe(1000);
  });

  it('move a trace to the hour of a span that arrives late, and leave other hours alone', async () => {
    const db = await clickhouse.database();
    const byHour = `SELECT toHour(hour) AS hour, sum(calls) AS calls FROM ${db.name}.flame_values GROUP BY hour ORDER BY hour`;
    await db.insert([
      { trace: 't1', id: 'b', parent: 'a', at: hour, ms: 10 },
      { trace: 't2', id: 'a', at: hour, ms: 10 },
      { trace: 't3', id: 'a', at: 2 * hour, ms: 10 },
    ]);
    await runJobs(db.client, { database: db.name, marginSeconds: 0 });
    expect(await db.rows(byHour)).toEqual([
      { hour: 13, calls: 2 },
      { hour: 14, calls: 1 },
    ]);
    await db.insert([{ trace: 't1', id: 'a', at: 0, ms: 10 }]);
    const { hours } = await runJobs(db.client, { database: db.name, marginSeconds: 0 });
    expect(hours).toBe(2);
    expect(await db.rows(byHour)).toEqual([
      { hour: 12, calls: 2 },
      { hour: 13, calls: 1 },
      { hour: 14, calls: 1 },
    ]);
    expect(sorted(await edgesOf(db))).toEqual([['(root) > a', { calls: 3, errors: 0 }]]);
  });

  it('give the same when several run at once, over and over', async () => {
    const db = await clickhouse.database();
    await db.insert(team);
    const others = Array.from({ length: 3 }, () => clickhouse.client());
    await Promise.all(others.map((client) => runJobs(client, { database: db.name })));
    await Promise.all(others.map((client) => runJobs(client, { database: db.name, from: Date.UTC(2026, 10, 1) })));
    expect(sorted(await stacksOf(db, 'self'))).toEqual(teamSelf);
  });

  it('build an hour in parts when it does not fit into one build', async () => {
    const db = await clickhouse.database();
    const traces = Array.from({ length: 50 }, (_, n) => team.map((span) => ({ ...span, trace: `t${n}` })));
    await db.insert(traces.flat());
    await runJobs(db.client, { database: db.name, spansPerBuild: 40 });
    expect(sorted(await stacksOf(db, 'self'))).toEqual(teamSelf.map(([frames, ms]) => [frames, Number(ms) * 50]));
  });

  it('hold a chain of ten thousand spans, and fold what is deeper than a thousand', async () => {
    const db = await clickhouse.database();
    const chain = Array.from({ length: 10_000 }, (_, n) => ({
      trace: 't',
      id: `s${n}`,
      parent: n === 0 ? '' : `s${n - 1}`,
      at: 0,
      ms: 10_000 - n,
    }));
    await db.insert(chain);
    const { failed } = await runJobs(db.client, { database: db.name });
    expect(failed).toEqual([]);
    for (const weight of ['self', 'critical'] as const) {
      const stacks = await stacksOf(db, weight);
      expect([...stacks.values()].reduce((sum, ms) => sum + ms, 0)).toBe(10_000);
      expect(Math.max(...[...stacks.keys()].map((frames) => frames.split(';').length))).toBe(1000);
    }
  });

  it('write a ledger of what ran and a list of traces', async () => {
    const db = await clickhouse.database();
    await db.insert([...team, { trace: 't2', id: 'x', parent: 'gone', at: 5, ms: 1000, name: 'late' }]);
    await runJobs(db.client, { database: db.name, jobs: ['edges', 'traces'] });
    const ledger = `SELECT job, status, rows_in, rows_out FROM ${db.name}.job_runs ORDER BY job`;
    expect(await db.rows(ledger)).toEqual([
      { job: 'edges', status: 'done', rows_in: 6, rows_out: 4 },
      { job: 'traces', status: 'done', rows_in: 6, rows_out: 2 },
    ]);
    const session = await db.session();
    const slowest = await readTraces(session, always, { slowest: true, limit: 10 });
    expect(slowest.map(({ traceId, complete, spans, errors }) => ({ traceId, complete, spans, errors }))).toEqual([
      { traceId: 't2', complete: false, spans: 1, errors: 0 },
      { traceId: 't1', complete: true, spans: 5, errors: 1 },
    ]);
    expect((await readTraces(session, always, { errors: true, limit: 10 })).map(({ traceId }) => traceId)).toEqual([
      't1',
    ]);
  });

  it('show one trace straight from the spans, without any run', async () => {
    const db = await clickhouse.database();
    await db.insert(team);
    const trace = await readTrace(await db.session(), 't1');
    expect(trace?.startTime).toBe('2026-11-01T12:00:00.000000Z');
    expect(trace?.spans.map(({ name, agent, startNs, status }) => [name, agent, startNs / 1e6, status])).toEqual([
      ['plan', 'planner', 0, 'Unset'],
      ['request work', 'planner', 10, 'Unset'],
      ['process work', 'worker', 15, 'Unset'],
      ['chat m', 'worker', 20, 'Unset'],
      ['request ghost', 'planner', 70, 'Error'],
    ]);
    expect(await readTrace(await db.session(), 'none')).toBeUndefined();
  });
});
