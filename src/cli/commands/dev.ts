import { type Command } from 'commander';
import { fstatSync, type Stats } from 'node:fs';
import { startEmbedded } from '../../clickhouse/embedded.js';
import { wholeNumber } from '../options.js';
import { say, writeData } from '../output.js';

/** `spanbus dev`: the embedded ClickHouse server, until stdin closes or the process is interrupted. */
export function addDev(program: Command): void {
  program
    .command('dev')
    .description('run the embedded ClickHouse server until stdin closes or it is interrupted')
    .option('--port <port>', 'HTTP port on 127.0.0.1 (default: a free one)', wholeNumber('--port', 1, 65_535))
    .option('--data <dir>', 'data directory (default: a temporary one, removed at the end)')
    .action(async ({ port, data }: { port?: number; data?: string }) => {
      const server = await startEmbedded({
        ...(port === undefined ? {} : { port }),
        ...(data === undefined ? {} : { dataDir: data }),
      });
      await writeData(server.url, undefined);
      say(`ClickHouse runs on ${server.url}, data in ${server.dataDir}; Ctrl-C ends it`);
      const asked = await Promise.race([askedToEnd(), server.closed.then(() => false)]);
      await server.close();
      if (!asked) throw new Error('the embedded ClickHouse ended by itself');
    });
}

/** Resolves on SIGINT, SIGTERM and SIGHUP, and when stdin closes, unless stdin is a terminal or was never a pipe. */
function askedToEnd(): Promise<boolean> {
  return new Promise((resolve) => {
    const end = () => resolve(true);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
    const stdin = statOfStdin();
    if (stdin !== undefined && (stdin.isFIFO() || stdin.isSocket())) {
      process.stdin.on('end', end).on('close', end).on('error', end).resume();
    } else {
      setInterval(() => undefined, 1 << 30);
    }
  });
}

function statOfStdin(): Stats | undefined {
  try {
    return fstatSync(0);
  } catch {
    // started without a stdin
    return undefined;
  }
}
