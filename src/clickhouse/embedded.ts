import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EmbeddedProcessOptions } from './embedded-process.js';
import { ClickHouseError, oneLine } from './errors.js';
import { readSql } from '../sql/read.js';

export interface EmbeddedOptions {
  /** Where the data lives. @default a temporary directory, removed when the server closes */
  dataDir?: string;
  /** HTTP port on 127.0.0.1. @default a free one */
  port?: number;
  /** Port of ClickHouse's own protocol on 127.0.0.1, for other servers of a cluster. @default none */
  tcpPort?: number;
  /** A ClickHouse configuration file, for instance with `remote_servers`. */
  configFile?: string;
  /** How long to wait for the first answer, in milliseconds. @default 30000 */
  startTimeoutMs?: number;
}

/** A running embedded server. */
export interface EmbeddedServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** Process id of the server. */
  readonly pid: number;
  /** Resolves when the server process has ended, for whatever reason. */
  readonly closed: Promise<void>;
  /** Ends the server and waits for it; a temporary data directory is removed. */
  close(): Promise<void>;
}

const defaults = { startTimeoutMs: 30_000 };
/**
 * Memory that was freed is kept for ten minutes, not five seconds: the system takes so long to give it anew, page by page, that
 * jobs with a pause between them take up to 2.5 times as long. A program's own setting counts.
 */
const ALLOCATOR = 'dirty_decay_ms:600000';
const here = dirname(fileURLToPath(import.meta.url));

/**
 * Starts a real ClickHouse server out of the npm package `chdb`, in a child process of its own that ends with this one.
 *
 * @throws ClickHouseError `embedded-missing` (chdb or ffi-rs is not installed), `port-in-use`, `data-in-use` (another server runs
 * on that directory), `embedded-failed`
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const { startTimeoutMs } = { ...defaults, ...options };
  assertInstalled();
  const port = await claimPort(options.port ?? 0);
  const temporary = options.dataDir === undefined;
  const dataDir = temporary ? mkdtempSync(join(tmpdir(), 'spanbus-clickhouse-')) : resolve(options.dataDir ?? '');
  makeDirectory(dataDir);

  const child = spawnServer({
    dataDir,
    port,
    temporary,
    // The child removes a temporary directory itself when this process dies, so it must come back from the server's end.
    statements: [
      ...(options.tcpPort === undefined ? [] : [readSql('queries/embedded_listen_tcp')]),
      readSql('queries/embedded_start'),
      ...(temporary ? [] : [readSql('queries/embedded_stop')]),
    ].join(';\n'),
    ...(options.tcpPort === undefined ? {} : { tcpPort: options.tcpPort }),
    ...(options.configFile === undefined ? {} : { configFile: options.configFile }),
  });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-4000)));
  const closed = new Promise<void>((done) => {
    child.once('close', () => {
      if (temporary) rmSync(dataDir, { recursive: true, force: true });
      done();
    });
  });
  const close = async () => {
    // What it writes to may be open for longer than it lives, in a process that it started.
    holdParent(child, true);
    child.stdin?.end();
    child.kill('SIGTERM');
    await closed;
  };

  const url = `http://127.0.0.1:${port}`;
  try {
    await answers(url, child, startTimeoutMs);
  } catch (error) {
    await close();
    throw explain(complaint, { port, dataDir }, error);
  }
  // The server must not keep its parent alive: a process that ends without close() takes it along through the pipe.
  holdParent(child, false);
  return { url, port, dataDir, pid: child.pid ?? 0, closed, close };
}

/** Whether this process stays for the child, and for all that reads and writes to it, when it has nothing else to do. */
function holdParent(child: ChildProcess, hold: boolean): void {
  for (const handle of [child, child.stdin, child.stderr] as (Partial<Pick<ChildProcess, 'ref' | 'unref'>> | null)[]) {
    if (hold) handle?.ref?.();
    else handle?.unref?.();
  }
}

function spawnServer(options: EmbeddedProcessOptions): ChildProcess {
  const built = join(here, 'embedded-process.js');
  const fromSource = !existsSync(built);
  const program = fromSource ? join(here, 'embedded-process.ts') : built;
  const loader = fromSource ? ['--import', createRequire(import.meta.url).resolve('tsx')] : [];
  return spawn(process.execPath, [...loader, program, JSON.stringify(options)], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // A process group of its own: Ctrl-C on the terminal reaches the parent, which then closes the pipe in order.
    detached: true,
    env: { JE_MALLOC_CONF: ALLOCATOR, ...process.env, TZ: 'UTC', NODE_OPTIONS: '' },
  });
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'is a file, or in one' : `cannot be made (${code})`;
    throw new ClickHouseError('embedded-failed', `the data directory ${path} ${why}; choose another`, { cause });
  }
}

function assertInstalled(): void {
  const require = createRequire(import.meta.url);
  const missing = ['chdb/libchdb', 'ffi-rs'].filter((name) => {
    try {
      require.resolve(name);
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length > 0) {
    const packages = missing.map((name) => name.split('/')[0]).join(' and ');
    throw new ClickHouseError(
      'embedded-missing',
      `the embedded ClickHouse needs ${packages}; install with: npm install chdb ffi-rs`,
    );
  }
}

/** Checks that a port is free, or finds one, by listening on it for a moment. */
async function claimPort(port: number): Promise<number> {
  return new Promise((found, fail) => {
    const probe = createServer();
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${cause.code ?? cause.message})`;
      fail(new ClickHouseError('port-in-use', `port ${port} ${why}; choose another or leave it out`, { cause }));
    });
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => found(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

async function answers(url: string, child: ChildProcess, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    try {
      const response = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(1000) });
      // Another program may have taken the port in between: only our own child's answer counts.
      if (response.ok && child.exitCode === null) return;
    } catch {
      // not up yet
    }
    await new Promise((wake) => setTimeout(wake, 20));
  }
  throw new Error('the server process did not answer');
}

function explain(complaint: string, at: { port: number; dataDir: string }, cause: unknown): ClickHouseError {
  if (/Another server instance|Cannot lock file/.test(complaint)) {
    return new ClickHouseError(
      'data-in-use',
      `another ClickHouse already runs on ${at.dataDir}; stop it or use another directory`,
      { cause },
    );
  }
  if (/Address already in use/.test(complaint)) {
    return new ClickHouseError('port-in-use', `port ${at.port} is in use; choose another or leave it out`, { cause });
  }
  const reason = oneLine(complaint) || (cause instanceof Error ? cause.message : String(cause));
  return new ClickHouseError('embedded-failed', `the embedded ClickHouse did not start: ${reason}`, { cause });
}
