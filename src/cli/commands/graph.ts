import { type Command } from 'commander';
import { type CallGraph } from '../../report/model.js';
import { graphDot, graphHtml, graphJson, graphMermaid, graphText } from '../../report/index.js';
import { readCallGraph } from '../../views/read.js';
import {
  choice,
  windowOf,
  withConnection,
  withOutput,
  withWindow,
  type ConnectionFlags,
  type WindowFlags,
} from '../options.js';
import { writeData } from '../output.js';
import { prepareViews, withSession } from '../session.js';

/** The formats of call graphs, each a function from the graph to text. */
const formats: Record<string, (graph: CallGraph) => string> = {
  json: graphJson,
  dot: graphDot,
  mermaid: graphMermaid,
  html: (graph) => graphHtml(graph),
  text: (graph) => graphText(graph, { colour: false }),
};

interface GraphFlags extends ConnectionFlags, WindowFlags {
  format: string;
  trace?: string;
  exact?: boolean;
  output?: string;
}

/** `spanbus graph`: who calls whom, how often, how slowly, with how many errors. */
export function addGraph(program: Command): void {
  withOutput(withWindow(withConnection(program.command('graph'))))
    .description('the call graph: who calls whom, how often, how slowly, with how many errors')
    .addOption(choice('--format <format>', 'output format', Object.keys(formats), 'json'))
    .option('--trace <id>', 'of one trace')
    .option('--exact', 'compute a window that is not whole hours straight from the spans')
    .action(async (flags: GraphFlags) => {
      const window = windowOf(flags);
      const graph = await withSession(flags, async (session) => {
        const hours = await prepareViews(session, ['edges', 'agents'], window, flags);
        return readCallGraph(session, hours);
      });
      await writeData(formats[flags.format]?.(graph) ?? '', flags.output);
    });
}
