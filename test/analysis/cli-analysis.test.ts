import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { useClickHouse } from '../support/clickhouse.js';

const clickhouse = useClickHouse();
const examples = join(import.meta.dirname, '../../examples/jobs');

describe('the command line over aggregates', { timeout: 60_000 }, () => {
  it("says which failing traces are whole, and runs a user's own job", async () => {
    const db = await clickhouse.database();
    const at = ['--url', db.url, '--database', db.name];
    await db.insert([
      { trace: 'whole', id: 'a', at: 0, ms: 10, error: true, attributes: { 'gen_ai.request.model': 'large' } },
      { trace: 'lost', id: 'b', parent: 'gone', at: 0, ms: 10, error: true },
      { trace: 'fine', id: 'a', at: 0, ms: 10 },
    ]);
    const unstored = [{ Time: '2026-11-01 12:10:00', ServiceName: 'a', SpanName: 'x', Calls: 9, Errors: 3 }];
    await db.client.insert({ table: `${db.name}.unstored_spans`, values: unstored, format: 'JSONEachRow' });
    expect((await runCli('jobs', 'run', '--jobs-dir', examples, ...at)).code).toBe(0);
    expect(await db.rows(`SELECT model, errors FROM ${db.name}.models`)).toEqual([{ model: 'large', errors: 1 }]);

    const window = ['--from', '2026-11-01T12:00:00Z', '--to', '2026-11-01T13:00:00Z'];
    const { stdout, stderr } = await runCli('traces', '--errors', '--format', 'json', ...window, ...at);
    const traces = JSON.parse(stdout) as { traceId: string; complete: boolean; whyIncomplete: string }[];
    expect(traces.map(({ traceId, complete, whyIncomplete }) => [traceId, complete, whyIncomplete]).sort()).toEqual([
      ['lost', false, 'process lost'],
      ['whole', true, ''],
    ]);
    expect(stderr).toContain('3 more failed spans were not stored');

    const listed = await runCli('jobs', 'list', '--format', 'json', '--jobs-dir', examples, ...at);
    expect(JSON.parse(listed.stdout)).toContainEqual(
      expect.objectContaining({ name: 'models_by_hour', hours: 1, failures: 0 }),
    );
  });

  it('says that a trace is not there, whatever its id', async () => {
    const db = await clickhouse.database();
    const { code, stdout, stderr } = await runCli('flame', '--trace', "x'y", '--url', db.url, '--database', db.name);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^spanbus: there is no trace "x'y"\n$/);
  });

  it('refuses a directory of jobs that is none', async () => {
    const { code, stderr } = await runCli('jobs', 'run', '--jobs-dir', '/nowhere/at/all');
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
