import { type Command } from 'commander';
import { type Trace } from '../../report/model.js';
import { readTrace } from '../../views/trace.js';
import { NotFoundError } from '../errors.js';
import { choice, withConnection, withOutput, type ConnectionFlags } from '../options.js';
import { writeData } from '../output.js';
import { withSession } from '../session.js';

/** The formats of one trace, each a function from the trace to text. */
const formats: Record<string, (trace: Trace) => string> = {
  json: (trace) => JSON.stringify(trace, null, 2),
};

/** `spanbus trace ID`: one trace, straight from the spans. */
export function addTrace(program: Command): void {
  withOutput(withConnection(program.command('trace')))
    .description('one trace')
    .argument('<id>', 'trace id, 32 hex digits')
    .addOption(choice('--format <format>', 'output format', Object.keys(formats), 'json'))
    .action(async (id: string, flags: ConnectionFlags & { format: string; output?: string }) => {
      const trace = await withSession(flags, (session) => readTrace(session, id));
      if (trace === undefined) throw new NotFoundError(`there is no trace ${JSON.stringify(id.slice(0, 64))}`);
      await writeData(formats[flags.format]?.(trace) ?? '', flags.output);
    });
}
