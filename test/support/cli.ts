import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The command line as it is shipped; `npm test` builds it before the tests. */
export const cliProgram = join(import.meta.dirname, '../../dist/cli.js');

/** A command line that has ended; code is null when a signal ended it. */
export interface EndedCli {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command line that runs beside the test. */
export interface RunningCli {
  child: ChildProcess;
  /** What it said on stderr so far. */
  said: () => string;
  /** What it said, and its exit code, once it has ended. */
  ended: Promise<EndedCli>;
}

/** Starts `spanbus`; `onStdout` is told all that it has put out so far. */
export function startCli(
  args: string[],
  { stdio = 'pipe', onStdout }: { stdio?: StdioOptions; onStdout?: (text: string, child: ChildProcess) => void } = {},
): RunningCli {
  const child = spawn(process.execPath, [cliProgram, ...args], { env: { ...process.env, NO_COLOR: '1' }, stdio });
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onStdout?.(stdout, child);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, said: () => stderr, ended };
}

/** Runs `spanbus` to its end. */
export function runCli(...args: string[]): Promise<EndedCli> {
  return startCli(args).ended;
}
