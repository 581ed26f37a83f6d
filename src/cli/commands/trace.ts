import { type Command } from 'commander';
import { type Trace } from '../../report/model.js';
import { traceHtml, traceJson, traceTree } from '../../report/index.js';
import { readTrace } from '../../views/trace.js';
import { NotFoundError } from '../errors.js';
import { choice, withConnection, withOutput, type ConnectionFlags } from '../options.js';
import { coloured, writeData } from '../output.js';
import { withSession } from '../session.js';

/** The formats of one trace, each a function from the trace to text. */
const formats: Record<string, (trace: Trace, colour: boolean) => string> = {
  tree: (trace, colour) => traceTree(trace, { colour }),
  json: traceJson,
  html: traceHtml,
};

/** `spanbus trace ID`: one trace, straight from the spans. */
export function addTrace(program: Command): void {
  withOutput(withConnection(program.command('trace')))
    .description('one trace')
    .argument('<id>', 'trace id, 32 hex digits')
    .addOption(choice('--format <format>', 'output format', Object.keys(formats), 'tree'))
    .action(async (id: string, flags: ConnectionFlags & { format: string; output?: string }) => {
      const trace = await withSession(flags, (session) => readTrace(session, id.toLowerCase()));
      if (trace === undefined) throw new NotFoundError(`there is no trace ${JSON.stringify(id.slice(0, 64))}`);
      await writeData(formats[flags.format]!(trace, coloured(flags.output)), flags.output);
    });
}
