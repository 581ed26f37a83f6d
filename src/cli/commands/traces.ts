import Table from 'cli-table3';
import { type Command } from 'commander';
import { type TraceSummary } from '../../report/model.js';
import { readTraces } from '../../views/read.js';
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
import { writeData } from '../output.js';
import { prepareViews, withSession } from '../session.js';

const formats: Record<string, (traces: TraceSummary[]) => string> = {
  table: formatTable,
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
    .option('--errors', 'only traces with a failed span')
    .option('--slowest', 'the slowest first')
    .option('--limit <number>', 'how many', wholeNumber('--limit', 1, 100_000), 20)
    .addOption(choice('--format <format>', 'output format', Object.keys(formats), 'table'))
    .option('--exact', 'compute a window that is not whole hours straight from the spans')
    .action(async (flags: TracesFlags) => {
      const window = windowOf(flags);
      const traces = await withSession(flags, async (session) => {
        const hours = await prepareViews(session, ['traces'], window, flags);
        return readTraces(session, hours, flags);
      });
      await writeData(formats[flags.format]?.(traces) ?? '', flags.output);
    });
}

function formatTable(traces: TraceSummary[]): string {
  const head = ['trace', 'start', 'root', 'agent', 'ms', 'spans', 'agents', 'errors', 'tokens', 'kept', ''];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const trace of traces) {
    table.push([
      trace.traceId,
      trace.startTime.slice(0, 23),
      plain(trace.rootName),
      plain(trace.rootAgent),
      (trace.durationNs / 1e6).toFixed(1),
      trace.spans,
      trace.agents,
      trace.errors,
      trace.inputTokens + trace.outputTokens,
      plain(trace.keepReason),
      trace.complete ? '' : 'incomplete',
    ]);
  }
  return table.toString();
}

/** Names come from strangers: no control characters on a terminal. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').slice(0, 60);
}
