import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { migrate } from '../../src/clickhouse/migrate.js';
import { runJobs } from '../../src/jobs/run.js';
import { cliProgram } from '../support/cli.js';
import { TestDatabase, type TestSpan, useClickHouse } from '../support/clickhouse.js';

const clickhouse = useClickHouse();
const program = join(import.meta.dirname, '../support/jobs-loop.ts');
const hour = 3_600_000;

/** How long runners are killed; a whole minute with SPANBUS_CHAOS_SECONDS=60. */
const seconds = Number(process.env['SPANBUS_CHAOS_SECONDS'] ?? 20);

const runners: ChildProcess[] = [];
const kill = (runner: ChildProcess | undefined) => runner?.kill('SIGKILL');
afterEach(() => runners.splice(0).forEach(kill));

const reports = mkdtempSync(join(tmpdir(), 'spanbus-chaos-'));
afterAll(() => rmSync(reports, { recursive: true, force: true }));

/** The first is the scheduler as users start it, due each second; the others run the jobs over and over, so that most kills hit a run. */
function start(db: TestDatabase, place: number): ChildProcess {
  const where = ['--url', db.url, '--database', db.name, '--reports-dir', reports];
  const scheduler = [
    cliProgram,
    'jobs',
    'schedule',
    '--every',
    '* * * * * *',
    '--from',
    '2026-01-01T00:00:00Z',
    ...where,
  ];
  const args = place === 0 ? scheduler : ['--import', 'tsx', program, db.url, db.name];
  const runner = spawn(process.execPath, args, { stdio: 'ignore' });
  runners.push(runner);
  return runner;
}

/** Traces over three hours, some across their borders, with all spans in random order. */
function shuffledSpans(): TestSpan[] {
  const spans = Array.from({ length: 300 }, (_, n) => {
    const at = (n % 3) * hour + n * 1000;
    const ask: TestSpan = { trace: `t${n}`, id: 'b', parent: 'a', at: at + 10, ms: 80, kind: 'Client' };
    return [
      { trace: `t${n}`, id: 'a', at, ms: n % 5 === 0 ? hour : 100, name: 'plan', weight: 4 },
      ask,
      { ...ask, id: 'c', parent: 'b', kind: 'Server', service: 'worker', at: at + (n % 7 === 0 ? hour : 20), ms: 50 },
      {
        ...ask,
        id: 'd',
        parent: 'c',
        name: 'chat',
        service: 'worker',
        attributes: { 'gen_ai.usage.input_tokens': '7' },
      },
      { ...ask, id: 'e', parent: 'a', at: at + 90, ms: 9, error: true, attributes: { 'server.address': 'ghost' } },
    ];
  }).flat();
  return fc.sample(fc.shuffledSubarray(spans, { minLength: spans.length }), { numRuns: 1, seed: 3 })[0] ?? [];
}

/** All that the views show, in one order. */
async function everything(db: TestDatabase): Promise<unknown[]> {
  const views = {
    call_graph: 'hour, caller, callee, destination, virtual, calls, errors, duration_ns, duration_weight, queue_ns',
    flame_stacks: 'hour, frames, self_ns, critical_ns, tokens, errors, calls',
    agents: 'hour, agent, calls, spans, errors, self_ns, input_tokens, cost_usd, duration_ns, duration_weight',
    trace_summary:
      'hour, trace_id, start_time, duration_ns, root_name, spans, agents, errors, complete, why_incomplete, weight',
  };
  const read = ([view, columns]: [string, string]) => db.rows(`SELECT ${columns} FROM ${db.name}.${view} ORDER BY ALL`);
  return Promise.all(Object.entries(views).map(read));
}

describe('three schedulers of the jobs on one database', () => {
  it(
    'killed at random while spans arrive late and migrate runs, end up where one full computation does',
    { timeout: (seconds + 120) * 1000 },
    async () => {
      const db = new TestDatabase(clickhouse.client(), `test_${randomUUID().replaceAll('-', '')}`, clickhouse.url());
      // They start before there is a schema.
      const three = Array.from({ length: 3 }, (_, place) => start(db, place));
      await migrate(db.client, { database: db.name });

      const spans = shuffledSpans();
      const rounds = seconds * 2;
      let kills = 0;
      for (let round = 0; round < rounds; round++) {
        const share = (n: number) => Math.floor((n * spans.length) / rounds);
        await db.insert(spans.slice(share(round), share(round + 1)));
        await migrate(db.client, { database: db.name });
        if (round % 2 === 1) {
          const victim = Math.floor(Math.random() * 3);
          if (kill(three[victim])) kills++;
          three[victim] = start(db, victim);
        }
        await new Promise((wake) => setTimeout(wake, 500));
      }
      expect(kills).toBeGreaterThan(seconds / 2);
      // On a loaded machine they may have been killed before they got far: some have to have worked.
      const runs = async () =>
        (await db.rows<{ runs: number }>(`SELECT uniqExact(run) AS runs FROM ${db.name}.job_runs`))[0]?.runs;
      await expect.poll(runs, { timeout: 60_000, interval: 200 }).toBeGreaterThan(3);
      three.slice(1).forEach(kill);
      await expect.poll(() => existsSync(join(reports, 'latest', 'report.html')), { timeout: 60_000 }).toBe(true);
      kill(three[0]);
      const { failed } = await runJobs(db.client, { database: db.name, marginSeconds: 5 });
      expect(failed).toEqual([]);

      const once = await clickhouse.database();
      await once.insert(spans);
      await runJobs(once.client, { database: once.name });
      const expected = await everything(once);
      expect(expected.map((rows) => (rows as unknown[]).length > 2)).toEqual([true, true, true, true]);
      expect(await everything(db)).toEqual(expected);
    },
  );
});
