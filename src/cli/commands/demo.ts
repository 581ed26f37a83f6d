import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command } from 'commander';
import { Session } from '../../clickhouse/client.js';
import { clickHouseVersion } from '../../clickhouse/version.js';
import { migrate } from '../../clickhouse/migrate.js';
import { runTeam } from '../../demo/run-team.js';
import { runJobs } from '../../jobs/run.js';
import { graphText, traceTree } from '../../report/index.js';
import { readCallGraph, readTraces } from '../../views/read.js';
import { renderReport } from '../../views/report.js';
import { readTrace } from '../../views/trace.js';
import { wholeHours } from '../../views/window.js';
import { UsageError } from '../errors.js';
import { wholeNumber } from '../options.js';
import { coloured, say, writeData } from '../output.js';
import { withServer, type TemporaryServer } from '../temporary-server.js';

interface DemoFlags {
  questions: number;
  output: string;
  data?: string;
  open?: boolean;
}

/** `spanbus demo`: the whole way in one command, from agents on a bus to a report. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('a team of agents on a real bus, traced into an embedded ClickHouse, and a report on it')
    .option('--questions <number>', 'how many questions the team answers', wholeNumber('--questions', 1, 10_000), 24)
    .option('-o, --output <dir>', 'directory for report.html', 'reports')
    .option('--data <dir>', 'keep the ClickHouse data there (default: a temporary directory)')
    .option('--open', 'open the report in the browser')
    .action(runDemo);
}

async function runDemo(flags: DemoFlags): Promise<void> {
  makeDirectory(flags.output);
  await withServer(flags.data === undefined ? {} : { dataDir: flags.data }, (server) => tellStory(server, flags));
}

/** From the questions to the report. */
async function tellStory(
  { url, client, signal }: TemporaryServer,
  { questions, output, open }: DemoFlags,
): Promise<void> {
  const started = Date.now();
  const database = 'spanbus';
  say(`ClickHouse ${await clickHouseVersion(url)} runs on ${url}`);
  await migrate(client, { database });
  await runTeam({ clickhouse: { url, database }, questions, say, signal });
  const { spans } = await runJobs(client, { database, url, signal });
  const session = await Session.open(client, { database, signal });
  const window = wholeHours({ from: started, to: Date.now() });
  const [slowest] = await readTraces(session, window, { slowest: true, limit: 1 });
  const trace = slowest && (await readTrace(session, slowest.traceId));
  const colour = coloured(undefined);
  const graph = graphText(await readCallGraph(session, window), { colour });
  const tree = trace ? traceTree(trace, { colour }) : '';
  await writeData(`${graph}\nThe slowest trace\n\n${tree}`, undefined);
  const file = resolve(join(output, 'report.html'));
  await writeData(await renderReport(session, window, 'The demo team'), file);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  say(`${spans} spans in ${seconds} s; the report is ${file}`);
  if (open) openInBrowser(file);
}

/** Before anything is started: whoever names a file for a directory need not wait to be told. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw new UsageError(`--output ${path} cannot hold the report (${code}); it takes a directory`, { cause });
  }
}

function openInBrowser(file: string): void {
  const program = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  const child = spawn(program, [file], { stdio: 'ignore', detached: true });
  child.once('error', () => say(`no ${program} to open the report with; open ${file} yourself`));
  child.unref();
}
