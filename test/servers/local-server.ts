import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasProgram, SERVER_PATH } from './programs.js';
import { hasDocker, startContainer } from './container.js';
import { freePort } from '../../src/demo/nats-server.js';

/** A real server that a test started: it may be killed and started again on the same port and data. */
export interface LocalServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** SIGKILL, as a crash is. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** SIGSTOP and SIGCONT: there, but silent. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let i = 0; i < 250; i++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} exited with ${child.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const up = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (up) return;
    await sleep(20);
  }
  throw new Error(`${child.spawnfile} did not listen on ${port} within 5 s`);
}

/** Starts `command` with the arguments that `argsFor` gives for a free port and an empty directory. */
export async function startServer(
  command: string,
  scheme: string,
  argsFor: (port: number, dir: string) => string[],
): Promise<LocalServer> {
  if (!hasProgram(command) && (await hasDocker())) {
    const portless = argsFor(0, '/tmp').filter(
      (arg, i, all) => !/^-?-(?:p|port|a|bind)$/.test(arg) && !/^-?-(?:p|port|a|bind)$/.test(all[i - 1] ?? ''),
    );
    return startContainer(command, scheme, portless);
  }
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'spanbus-test-'));
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn(command, argsFor(port, dir), { stdio: 'ignore', env: { ...process.env, PATH: SERVER_PATH } });
    await once(child, 'spawn');
    await listening(port, child);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  process.once('exit', () => child?.kill('SIGKILL'));
  await start();
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid!;
    },
    kill: () => end('SIGKILL'),
    restart: start,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      await end('SIGTERM');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
