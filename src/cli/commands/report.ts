import { join } from 'node:path';
import { type Command } from 'commander';
import { renderReport } from '../../views/report.js';
import { windowOf, withConnection, withWindow, type ConnectionFlags, type WindowFlags } from '../options.js';
import { makeDirectory, say, startProgress, writeData } from '../output.js';
import { prepareViews, withSession } from '../session.js';

const JOBS = ['stacks', 'critical', 'edges', 'agents', 'traces'];

/** `spanbus report`: a window as one self-contained HTML page. */
export function addReport(program: Command): void {
  withWindow(withConnection(program.command('report')))
    .description('one self-contained HTML page: call graph, flame graphs, comparison, slowest and failed traces')
    .requiredOption('-o, --output <dir>', 'directory to write report.html to; made when it is missing')
    .option('--title <text>', 'its heading', 'Agent traces')
    .action(async (flags: ConnectionFlags & WindowFlags & { output: string; title: string }) => {
      const window = windowOf(flags);
      const file = join(flags.output, 'report.html');
      makeDirectory(flags.output);
      const progress = startProgress('drawing the report');
      try {
        const page = await withSession(flags, async (session) =>
          renderReport(session, await prepareViews(session, JOBS, window, {}), flags.title),
        );
        await writeData(page, file);
      } finally {
        progress.end();
      }
      say(`the report is ${file}`);
    });
}
