import { createTracing } from '../index.js';
import { connectNats } from './bus.js';
import { askQuestions, join } from './team.js';

/**
 * One agent of the demo as a process: `agent-process NAME NATS_URL [QUESTIONS]`. Says `ready` to its parent when it is on the
 * bus; with a number of questions it asks them instead of answering, and ends. Ends on SIGTERM, its spans flushed; at once when its
 * parent is gone, and ClickHouse with it.
 */
process.on('disconnect', () => process.exit(1));
const [name = '', servers = '', questions] = process.argv.slice(2);
const tracing = createTracing({ service: name }).register();
const bus = await connectNats(servers, name);
if (questions !== undefined) {
  await askQuestions(bus, Number(questions), 4);
  await bus.close();
  await tracing.shutdown();
  process.exit(0);
}
join(name, bus);
process.send?.('ready');
