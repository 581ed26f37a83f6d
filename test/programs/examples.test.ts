import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES, runExample, type Example, type Servers } from '../../examples/run-example.js';
import { traceTree } from '../../src/report/index.js';
import { readTrace } from '../../src/views/trace.js';
import type { LocalServer } from '../servers/local-server.js';
import { startRedis } from '../servers/redis.js';
import { sharedNats } from '../servers/shared-nats.js';
import { useClickHouse, type TestDatabase } from '../support/clickhouse.js';

const DOC = join(import.meta.dirname, '../../docs/agents.md');
/** Where the columns of times and bars end, and the tree begins. */
const TREE_AT = 41;

const clickhouse = useClickHouse();
let nats: Awaited<ReturnType<typeof sharedNats>>;
let redis: LocalServer;
let db: TestDatabase;
let servers: Servers;

beforeAll(async () => {
  [nats, redis] = await Promise.all([sharedNats(), startRedis()]);
  db = await clickhouse.database();
  servers = { NATS_URL: nats.url, REDIS_URL: redis.url, CLICKHOUSE_URL: db.url, CLICKHOUSE_DATABASE: db.name };
});
afterAll(() => Promise.all([nats?.stop(), redis?.stop()]));

/** What `spanbus trace ID` prints. */
async function trace(id: string): Promise<string> {
  const session = await db.session();
  const found = await readTrace(session, id);
  return traceTree(found!);
}

/** A printed trace without what differs from run to run: its id, when it ran, and how long everything took. */
function shape(tree: string): string[] {
  const [, totals = '', , , ...lines] = tree.trimEnd().split('\n');
  return [totals.slice(totals.indexOf('·')), ...lines.map((line) => line.slice(TREE_AT))];
}

/** The place in the docs that shows an example's trace. */
const blockOf = (name: string) => new RegExp(`(<!-- npm run example -- ${name} -->\\n\`\`\`\\n)([^\`]*)(\`\`\`)`);

describe('the docs show what is seen of the example', { timeout: 120_000 }, () => {
  it.each(Object.keys(EXAMPLES) as Example[])('%s', async (name) => {
    const tree = await trace(await runExample(name, servers));
    const doc = readFileSync(DOC, 'utf8');
    // UPDATE_DOCS=1 writes what is seen into the docs
    if (process.env['UPDATE_DOCS']) writeFileSync(DOC, doc.replace(blockOf(name), `$1${tree.trimEnd()}\n$3`));
    const [, , shown = ''] = blockOf(name).exec(readFileSync(DOC, 'utf8')) ?? [];
    expect(shape(tree)).toEqual(shape(shown));
  });
});
