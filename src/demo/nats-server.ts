import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server on loopback that this process started and ends. */
export interface LocalServer {
  readonly url: string;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 5_000;

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

/** Starts the machine's `nats-server`, or the program NATS_SERVER names, on a free port; undefined when there is none. */
export async function startNatsServer(): Promise<LocalServer | undefined> {
  const port = await freePort();
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;
  const child = spawn(process.env['NATS_SERVER'] || 'nats-server', ['-a', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, PATH: path },
  });
  const ended = new Promise<'ended'>((resolve) => {
    child.once('error', () => resolve('ended'));
    child.once('exit', () => resolve('ended'));
  });
  const end = (): void => void child.kill();
  process.once('exit', end);
  for (let waited = 0; waited < START_TIMEOUT_MS; waited += 20) {
    if (await Promise.race([ended, sleep(20)])) break;
    if (await answers(port)) {
      return {
        url: `nats://127.0.0.1:${port}`,
        async stop() {
          process.off('exit', end);
          child.kill();
          await ended;
        },
      };
    }
  }
  child.kill();
  return undefined;
}
