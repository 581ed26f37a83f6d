import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readOwnJobs } from '../../src/jobs/own-jobs.js';
import { runJobs } from '../../src/jobs/run.js';
import { type TestSpan, useClickHouse } from '../support/clickhouse.js';

const clickhouse = useClickHouse();
const example = join(import.meta.dirname, '../../examples/jobs');

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

async function directory(files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'spanbus-jobs-'));
  dirs.push(dir);
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  return dir;
}

const chat = (trace: string, model: string, more: Partial<TestSpan> = {}): TestSpan => ({
  trace,
  id: 'm',
  at: 0,
  ms: 10,
  attributes: { 'gen_ai.request.model': model, 'gen_ai.usage.output_tokens': '5' },
  ...more,
});

describe("a user's own job", () => {
  it('runs for each hour that was rebuilt, and again when spans arrive late', async () => {
    const db = await clickhouse.database();
    const ownJobs = readOwnJobs(example);
    const read = () =>
      db.rows(`SELECT toHour(hour) AS hour, model, calls, errors, output_tokens AS tokens FROM ${db.name}.models
        ORDER BY hour, model`);
    await db.insert([
      chat('a', 'large', { weight: 10 }),
      chat('b', 'small', { error: true }),
      { ...chat('c', ''), ms: 3 },
    ]);
    expect((await runJobs(db.client, { database: db.name, ownJobs })).failed).toEqual([]);
    expect(await read()).toEqual([
      { hour: 12, model: 'large', calls: 10, errors: 0, tokens: 50 },
      { hour: 12, model: 'small', calls: 1, errors: 1, tokens: 5 },
    ]);
    await db.insert([chat('d', 'small'), chat('e', 'large', { at: 3_600_000 })]);
    await runJobs(db.client, { database: db.name, ownJobs });
    expect(await read()).toEqual([
      { hour: 12, model: 'large', calls: 10, errors: 0, tokens: 50 },
      { hour: 12, model: 'small', calls: 2, errors: 1, tokens: 10 },
      { hour: 13, model: 'large', calls: 1, errors: 0, tokens: 5 },
    ]);
    await db.insert([chat('e', '', { id: 'root', at: 3_500_000 })]);
    await runJobs(db.client, { database: db.name, ownJobs });
    expect(await read()).toEqual([
      { hour: 12, model: 'large', calls: 11, errors: 0, tokens: 55 },
      { hour: 12, model: 'small', calls: 2, errors: 1, tokens: 10 },
    ]);
    const ledger = `SELECT toHour(hour) AS hour, argMax(rows_out, version) AS rows FROM ${db.name}.job_runs
      WHERE job = 'models_by_hour' AND status = 'done' GROUP BY hour ORDER BY hour`;
    expect(await db.rows(ledger)).toEqual([
      { hour: 12, rows: 3 },
      { hour: 13, rows: 1 },
    ]);
  });

  it('that fails is reported and tried again, and takes nothing else down', async () => {
    const db = await clickhouse.database();
    const broken = readOwnJobs(await directory({ 'mine.sql': 'INSERT INTO nowhere SELECT 1;\n' }));
    await db.insert([chat('a', 'large')]);
    const first = await runJobs(db.client, { database: db.name, ownJobs: broken });
    expect(first.hours).toBe(1);
    expect(first.failed).toEqual([
      { hour: '2026-11-01T12:00:00.000Z', error: expect.stringMatching(/^job mine: .*nowhere/) as string },
    ]);
    const mended = readOwnJobs(
      await directory({ 'mine.sql': 'CREATE OR REPLACE TABLE mine ORDER BY () AS SELECT 1 AS x' }),
    );
    const second = await runJobs(db.client, { database: db.name, ownJobs: mended, marginSeconds: 0 });
    expect(second).toMatchObject({ hours: 1, failed: [] });
    expect(await db.rows(`SELECT x FROM ${db.name}.mine`)).toEqual([{ x: 1 }]);
  });

  it('has a name of its own and something to do', async () => {
    expect(() => readOwnJobs('/nowhere')).toThrow(/cannot be read/);
    for (const [file, text, why] of [
      ['edges.sql', 'SELECT 1', /there is a job of that name/],
      ['My Job.sql', 'SELECT 1', /named like my_job.sql/],
      ['empty.sql', '-- later;\n', /no statement/],
    ] as const) {
      const dir = await directory({ [file]: text });
      expect(() => readOwnJobs(dir), file).toThrow(why);
    }
    const two = await directory({
      'two.sql': "SELECT ';' AS a;\n-- a comment\nSELECT 2\n;\n-- the end\n",
      'notes.txt': '',
    });
    expect(readOwnJobs(two)).toEqual([{ name: 'two', statements: ["SELECT ';' AS a", '-- a comment\nSELECT 2'] }]);
  });
});
