import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownProgram } from './own-program.js';

/** A server on loopback that this process started, and that ends with it, however that ends. */
export interface LocalServer {
  readonly url: string;
  /** Resolves when it has ended, for whatever reason. */
  readonly closed: Promise<void>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

/** A TCP port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The version that a NATS server says it has, or `unknown`: the first thing it sends is a line about itself. */
export async function natsVersion(url: string): Promise<string> {
  const { hostname, port } = new URL(url.includes('://') ? url : `nats://${url}`);
  const socket = connect(Number(port || 4222), hostname);
  try {
    const [line] = (await once(socket, 'data', { signal: AbortSignal.timeout(2_000) })) as [Buffer];
    return /"version":"([^"]+)"/.exec(line.toString())?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  } finally {
    socket.destroy();
  }
}

/** Starts the machine's `nats-server`, or the program NATS_SERVER names, on a free port; undefined when there is none. */
export async function startNatsServer(): Promise<LocalServer | undefined> {
  const port = await freePort();
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;
  const { path: tied, execArgv } = ownProgram('tied');
  const program = process.env['NATS_SERVER'] || 'nats-server';
  const child = spawn(process.execPath, [...execArgv, tied, program, '-a', '127.0.0.1', '-p', String(port)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, PATH: path },
    // a process group of its own: Ctrl-C on the terminal reaches the demo, which ends things in order
    detached: true,
  });
  let up = true;
  const closed = once(child, 'exit').then(
    () => void (up = false),
    () => void (up = false),
  );
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await closed;
  };
  for (const deadline = Date.now() + START_TIMEOUT_MS; up && Date.now() < deadline; await sleep(20)) {
    if (await answers(port)) return { url: `nats://127.0.0.1:${port}`, closed, stop };
  }
  await stop();
  return undefined;
}
