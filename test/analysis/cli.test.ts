import { closeSync, existsSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { runCli, startCli } from '../support/cli.js';
import { useClickHouse } from '../support/clickhouse.js';

const clickhouse = useClickHouse();

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function answering(status: number, body: string, type = 'text/html', headers = {}): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': type, ...headers }).end(body);
  });
  servers.push(server);
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', () => up()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a wrong call', () => {
  it.each([
    [['nonsense'], /unknown command "nonsense"/],
    [['jobs', 'nonsense'], /unknown command "nonsense"/],
    [['flame', '--nonsense'], /unknown option '--nonsense'/],
    [['flame', '--from', 'yesterday-ish'], /--from "yesterday-ish" is no time/],
    [['flame', '--from', '2026-02-30'], /is no time/],
    [['flame', '--from', '1h', '--to', '2h'], /--from must be before --to/],
    [['flame', '--format', 'gif'], /Allowed choices are/],
    [['flame', '--weight', 'mass'], /Allowed choices are/],
    [['jobs', 'run', 'nonsense'], /there is no job "nonsense"/],
    [['jobs', 'schedule', '--every', 'daily', '--reports-dir', 'x'], /--every "daily" is no cron pattern/],
    [['jobs', 'schedule', '--every', '5 * * * *', '--reports-dir', 'x', '--keep', '0'], /--keep "0" must be a number/],
    [
      ['jobs', 'schedule', '--every', '5 * * * *', '--reports-dir', 'package.json'],
      /cannot make the directory package.json/,
    ],
    [['migrate', '--ttl-days', '0'], /--ttl-days "0" must be a whole number/],
    [['trace'], /missing required argument/],
    [['flame', '--url', 'not a url'], /"not a url" is not a ClickHouse URL/],
    [['graph', '--url', 'ftp://127.0.0.1'], /"ftp:\/\/127.0.0.1" is not a ClickHouse URL/],
    [['migrate', '--url', 'http://127.0.0.1:99999'], /is not a ClickHouse URL/],
    [['jobs', 'run', '--shards', 'http://127.0.0.1:1,nowhere:x'], /"nowhere:x" is not a ClickHouse URL/],
    [['traces', '--database', ''], /--database "" is no name/],
    [['help', 'nonsense'], /unknown command "nonsense"/],
    [['help', 'jobs', 'nonsense'], /unknown command "nonsense"; there are run, list, schedule/],
  ])('%j exits 2 with one line', async (args, line) => {
    const { code, stdout, stderr } = await runCli(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('a ClickHouse that cannot be used', () => {
  it.each([
    ['refuses connections', () => Promise.resolve('http://127.0.0.1:1'), /does not answer at http:\/\/127\.0\.0\.1:1/],
    ['answers 401', () => answering(401, 'Unauthorized'), /refused the user or password/],
    ['answers HTML', () => answering(200, '<!doctype html><title>hi</title>'), /is not ClickHouse/],
    ['answers an HTML error', () => answering(502, '<html>bad gateway</html>'), /is not ClickHouse/],
    ['answers 401 in its own words', () => answering(401, 'who are you?', 'text/plain'), /refused the user.*\(401\)/],
    [
      'redirects',
      () => answering(302, '', 'text/plain', { location: 'https://me:secret@login.example/?token=secret' }),
      /redirects to https:\/\/login\.example\/ \(302\)/,
    ],
    ['answers 404', () => answering(404, 'nothing here', 'text/plain'), /is not ClickHouse \(status 404\)/],
  ])('that %s is one line and exit code 1', async (_, at, line) => {
    for (const command of [['migrate'], ['flame'], ['jobs', 'run']]) {
      const { code, stderr } = await runCli(...command, '--url', await at());
      expect(code).toBe(1);
      expect(stderr).toMatch(line);
      expect(stderr).not.toContain('secret');
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });

  it('is never told by the password in its URL', async () => {
    const page = new URL(await answering(200, '<!doctype html><title>hi</title>'));
    const refused = new URL(await answering(401, 'no'));
    for (const at of [
      `http://me:secret@${page.host}`,
      `http://me:secret@${refused.host}`,
      'http://me:secret@127.0.0.1:1',
    ]) {
      const { code, stdout, stderr } = await runCli('flame', '--url', at);
      expect(code).toBe(1);
      expect(stdout + stderr).not.toMatch(/secret|me:/);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    const wrong = await runCli('flame', '--url', 'http://me:secret@127.0.0.1:99999/?password=secret');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).not.toContain('secret');
  });
});

describe('the command line', () => {
  it.each([
    [['help'], /Usage: spanbus \[options\] \[command\]/],
    [['help', 'flame'], /Usage: spanbus flame \[options\][^]*--weight/],
    [['help', 'jobs', 'run'], /Usage: spanbus jobs run[^]*--shards/],
  ])('%j prints the help', async (args, text) => {
    const { code, stdout, stderr } = await runCli(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(text);
  });

  it.skipIf(!existsSync('/dev/full'))('says in one line that its output has no room', async () => {
    for (const args of [['help'], ['help', 'flame'], ['dev']]) {
      const full = openSync('/dev/full', 'w');
      const { ended } = startCli(args, { stdio: ['ignore', full, 'pipe'] });
      closeSync(full);
      const { code, stderr } = await ended;
      expect(code).toBeGreaterThan(0);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });

  it('says in one line that its data cannot be in a file', async () => {
    const { code, stderr } = await runCli('dev', '--data', import.meta.filename);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^spanbus: the data directory .*cli\.test\.ts is a file, or in one; choose another\n$/);
  });

  it('takes a login from the URL', async () => {
    const at = new URL(clickhouse.url());
    at.username = 'default';
    const { code, stderr } = await runCli('migrate', '--url', at.href, '--database', `login_${process.pid}`);
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
  });

  it('runs the server until stdin closes', async () => {
    const { code, stdout } = await startCli(['dev'], { onStdout: (_, { stdin }) => stdin?.end() }).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
  });

  it('migrates, runs jobs and draws on a database with quotes in its name', async () => {
    const at = ['--url', clickhouse.url(), '--database', `it's "ours" ${process.pid}`];
    expect((await runCli('migrate', ...at)).code).toBe(0);
    expect((await runCli('jobs', 'run', ...at)).code).toBe(0);
    const flame = await runCli('flame', '--format', 'json', ...at);
    expect(flame.code).toBe(0);
    expect(JSON.parse(flame.stdout)).toMatchObject({ value: 0 });
  });

  it('says what is missing when the schema is not there', async () => {
    const { code, stderr } = await runCli('graph', '--url', clickhouse.url(), '--database', 'nowhere');
    expect(code).toBe(1);
    expect(stderr).toMatch(/run `spanbus migrate` first/);
  });

  it.each([['traces'], ['flame', '--exact'], ['jobs', 'list']])(
    'says so of a database that was never migrated: %s',
    async (...args) => {
      const { code, stderr } = await runCli(...args, '--url', clickhouse.url(), '--database', 'system');
      expect(code).toBe(1);
      expect(stderr).toMatch(/run `spanbus migrate` first\n$/);
    },
  );

  it('gives up on a server that never says who it is', async () => {
    const silent = createServer(() => undefined);
    servers.push(silent);
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const { code, stderr } = await runCli('traces', '--url', url);
    expect(code).toBe(1);
    expect(stderr).toMatch(/has not answered within 10 s/);
  }, 30_000);

  it('says that spans have arrived that no job has seen, and what rounding did', async () => {
    const db = await clickhouse.database();
    await db.insert([{ trace: 't', id: 'a', at: 0, ms: 10 }]);
    const at = ['--url', db.url, '--database', db.name, '--from', '2026-11-01T12:00:00', '--to', '2026-11-01T12:30:00'];
    const before = await runCli('flame', ...at);
    expect(before.stdout).toBe('');
    expect(before.stderr).toMatch(/rounded to whole hours, 2026-11-01T12:00:00.000Z to 2026-11-01T13:00:00.000Z/);
    expect(before.stderr).toMatch(/1 spans have arrived that no job has seen/);
    expect((await runCli('flame', '--exact', ...at)).stdout).toBe('a: work 10000\n');
    await runCli('jobs', 'run', '--url', db.url, '--database', db.name);
    const after = await runCli('flame', ...at);
    expect(after.stdout).toBe('a: work 10000\n');
    expect(after.stderr).not.toMatch(/no job has seen/);
  });
});
