import { type Command } from 'commander';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { Session } from '../../clickhouse/client.js';
import { migrate } from '../../clickhouse/migrate.js';
import { clickHouseVersion } from '../../clickhouse/version.js';
import { runTeam } from '../../demo/run-team.js';
import { TEAM } from '../../demo/team.js';
import { runJobs } from '../../jobs/run.js';
import { graphText } from '../../report/index.js';
import { readCallGraph } from '../../views/read.js';
import { wholeHours } from '../../views/window.js';
import { withOutput } from '../options.js';
import { say, writeData } from '../output.js';
import { withServer, type TemporaryServer } from '../temporary-server.js';
import { packageVersion } from '../version.js';

const QUESTIONS = 4;

/** `spanbus verify`: the smallest example, run here and now, and a record of what was seen and on what. */
export function addVerify(program: Command): void {
  withOutput(program.command('verify'))
    .description('run the smallest example on this machine and write down what was seen')
    .action(({ output }: { output?: string }) =>
      withServer({}, async (server) => {
        const { text, missing } = await record(server);
        await writeData(text, output);
        if (missing.length > 0) throw new Error(`no spans of ${missing.join(', ')}: something on the way is broken`);
        say('verified: every agent is in the call graph');
      }),
    );
}

async function record({ url, client, signal }: TemporaryServer): Promise<{ text: string; missing: string[] }> {
  const started = Date.now();
  const database = 'spanbus';
  await migrate(client, { database });
  const bus = await runTeam({ clickhouse: { url, database }, questions: QUESTIONS, say, signal });
  const { spans } = await runJobs(client, { database, url, signal });
  const session = await Session.open(client, { database, signal });
  const graph = await readCallGraph(session, wholeHours({ from: started, to: Date.now() }));
  const seen = new Set(graph.nodes.map((node) => node.agent));
  const missing = ['front-desk', ...Object.keys(TEAM)].filter((agent) => !seen.has(agent));
  const facts = [
    ['Result', missing.length === 0 ? 'passed' : `failed: no spans of ${missing.join(', ')}`],
    ['When', new Date(started).toISOString()],
    ['Package', `spanbus ${packageVersion()}`],
    ['Runtime', `Node.js ${process.version}, ${process.platform} ${process.arch}`],
    ['Servers', `ClickHouse ${await clickHouseVersion(url)}, ${bus}`],
    [
      'Data path',
      'bus message → adapter → span → sampler → exporter (Native over HTTP) → otel_traces → SQL jobs → views',
    ],
    ['Constraints', constraints()],
    ['Observed', `${QUESTIONS} questions, ${spans} spans stored and read in ${seconds(started)} s`],
  ];
  const list = facts.map(([what, value]) => `- ${what}: ${value}`).join('\n');
  return {
    text: `# Verification record\n\n${list}\n\n\`\`\`\n${graphText(graph, { colour: false })}\n\`\`\`\n`,
    missing,
  };
}

function constraints(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = (totalmem() / 2 ** 30).toFixed(1);
  return `${availableParallelism()} cores (${model}), ${memory} GiB of memory, embedded ClickHouse on loopback`;
}

function seconds(since: number): string {
  return ((Date.now() - since) / 1000).toFixed(1);
}
