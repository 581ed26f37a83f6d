import { type Command } from 'commander';
import { type TraceSummary } from '../../report/model.js';
import { tracesTable } from '../../report/index.js';
import { countUnstoredErrors, readTraces } from '../../views/read.js';
import { wholeHours } from '../../views/window.js';
import {
  choice,
  wholeNumber,
  windowOf,
  withConnection,
  withOutput,
  withWindow,
  type ConnectionFlags,
  type WindowFlags,
} from '../options.js';
import { coloured, say, writeData } from '../output.js';
import { prepareViews, withSession } from '../session.js';

const formats: Record<string, (traces: TraceSummary[], colour: boolean) => string> = {
  table: (traces, colour) => tracesTable(traces, { colour }),
  json: (traces) => JSON.stringify(traces, null, 2),
};

interface TracesFlags extends ConnectionFlags, WindowFlags {
  errors?: boolean;
  slowest?: boolean;
  limit: number;
  format: string;
  exact?: boolean;
  output?: string;
}

/** `spanbus traces`: the traces of a window, the newest or the slowest first. */
export function addTraces(program: Command): void {
  withOutput(withWindow(withConnection(program.command('traces'))))
    .description('a list of traces, the newest first')
    .option('--errors', 'only traces with a failed span, whether they are whole, and if not, why')
    .option('--slowest', 'the slowest first')
    .option('--limit <number>', 'how many', wholeNumber('--limit', 1, 100_000), 20)
    .addOption(choice('--format <format>', 'output format', Object.keys(formats), 'table'))
    .option('--exact', 'compute a window that is not whole hours straight from the spans')
    .action(async (flags: TracesFlags) => {
      const window = windowOf(flags);
      const traces = await withSession(flags, async (session) => {
        const hours = await prepareViews(session, ['traces'], window, flags);
        if (flags.errors === true) {
          const unstored = await countUnstoredErrors(session, wholeHours(window));
          if (unstored > 0)
            say(`${unstored} more failed spans were not stored: their traces were over the keep budget`);
        }
        return readTraces(session, hours, flags);
      });
      await writeData(formats[flags.format]!(traces, coloured(flags.output)), flags.output);
    });
}
