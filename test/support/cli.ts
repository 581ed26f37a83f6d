import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../src/cli/main.ts');

/** A command line that runs beside the test. */
export interface RunningCli {
  child: ChildProcess;
  /** What it said on stderr so far. */
  said: () => string;
  /** Its exit code, once it has ended; null when a signal ended it. */
  ended: Promise<number | null>;
}

/** Starts `spanbus` from the sources. */
export function startCli(...args: string[]): RunningCli {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, said: () => said, ended };
}
