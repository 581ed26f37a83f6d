import pc from 'picocolors';
import { mkdirSync, writeFileSync } from 'node:fs';
import { UsageError } from './errors.js';
import { visible } from '../report/text.js';

/** Words for people, on stderr, one line each. Names out of traces are anybody's, so nothing in them steers a terminal. */
export function say(line: string): void {
  process.stderr.write(`spanbus: ${visible(line)}\n`);
}

/** Whether data for a terminal gets colours: a terminal that shows them, and nobody who said NO_COLOR. */
export function coloured(file: string | undefined): boolean {
  return file === undefined && process.stdout.isTTY && pc.isColorSupported;
}

/** Data, to a file or to stdout. Resolves when it is written. */
export async function writeData(text: string, file: string | undefined): Promise<void> {
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  if (file === undefined) {
    await new Promise<void>((done) => process.stdout.write(ended, () => done()));
    return;
  }
  try {
    writeFileSync(file, ended);
  } catch (cause) {
    throw new UsageError(`cannot write ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Makes the directory that an option names, unless it is there. */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new UsageError(`cannot make the directory ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Resolves when all that was said has left the process, or could not: what is wrong then has been told. */
export async function written(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise<void>((done) => stream.write('', () => done()));
  }
  await new Promise((told) => setImmediate(told));
}

/** A reader that has seen enough, such as `head`, is no error: end quietly. A full disk is one, in one line. */
export function endOnBrokenOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      if (stream === process.stdout) say(`cannot write to stdout: ${error.message}`);
      process.exit(1);
    });
  }
}

/** Shows progress on a terminal once an action has taken a second; elsewhere does nothing. */
export function startProgress(what: string): { update: (done: number, total: number) => void; end: () => void } {
  if (!process.stderr.isTTY) return { update: () => undefined, end: () => undefined };
  let detail = '';
  const started = Date.now();
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    process.stderr.write(`\r\u001b[K${what}${detail} (${seconds} s)`);
  }, 1000);
  timer.unref();
  return {
    update: (done, total) => (detail = `: ${done} of ${total}`),
    end: () => {
      clearInterval(timer);
      if (Date.now() - started >= 1000) process.stderr.write('\r\u001b[K');
    },
  };
}
