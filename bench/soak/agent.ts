import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanStatusCode } from '@opentelemetry/api';
import { connectNats, type AgentBus } from '../../src/demo/bus.js';
import { randomFrom } from '../../src/demo/models.js';
import { connectRedis } from './redis-bus.js';
import { createTracing, executeTool, invokeAgent, keepHub } from '../../src/index.js';
import { SpanbusSpan } from '../../src/trace/span.js';

/**
 * One agent of the capture soak: `agent NAME BUS_URL LOG FAIL_SHARE [TRACES AT_ONCE]`. It writes what really happened to its
 * log, before any sampling: `S traceId spanId failed name` for each span that ended, `K`/`H traceId ms` for each keep it
 * decided or heard.
 */
const [name = '', url = '', logFile = '', failShare = '0.005', traces, atOnce] = process.argv.slice(2);
const random = randomFrom([...name].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 1));
const fails = (factor = 1): boolean => random() < Number(failShare) * factor;
const log = createWriteStream(logFile);
const wallMs = (): string => (performance.timeOrigin + performance.now()).toFixed(3);

const end = Object.getOwnPropertyDescriptor(SpanbusSpan.prototype, 'end')!.value as SpanbusSpan['end'];
SpanbusSpan.prototype.end = function (time) {
  const failed = this.status.code === SpanStatusCode.ERROR ? 1 : 0;
  if (this.isRecording()) log.write(`S ${this.traceId} ${this.spanId} ${failed} ${this.name}\n`);
  end.call(this, time);
};
const hub = keepHub();
const announce = hub.announce.bind(hub);
hub.announce = (keep, by) => {
  log.write(`K ${keep.traceId} ${wallMs()}\n`);
  announce(keep, by);
};
hub.addListener({
  hear: (keep) => void log.write(`H ${keep.traceId} ${wallMs()}\n`),
  hearShare: () => {},
  hearLag: () => {},
  keepOf: () => undefined,
  share: () => 1,
  reconnected: () => {},
});

const tracing = createTracing({ service: name, sampling: { ratio: 0.01 } }).register();
/** Two processes may play one role. */
const role = name.replace(/\d$/, '');
const bus: AgentBus = url.startsWith('redis:') ? await connectRedis(url) : await connectNats(url, role);

async function tool(): Promise<void> {
  await executeTool('lookup', async () => {
    if (fails()) throw new Error('lookup failed');
  });
}

/** What a failing call means to its caller: nothing, most agents go on. */
const tolerant = (call: Promise<unknown>): Promise<unknown> => call.catch(() => undefined);

const ROLES: Record<string, () => void> = {
  planner: () =>
    bus.respond('soak.planner', async (body) => {
      await Promise.all(['a', 'b', 'c'].map((w) => tolerant(bus.request(`soak.worker-${w}`, body, 1000))));
      if (fails()) await tolerant(bus.request('soak.nobody', body, 1000));
      bus.publish('soak.events', body);
      return { done: true };
    }),
  'worker-a': () =>
    bus.respond('soak.worker-a', async (body) => {
      await tolerant(bus.request('soak.tool-x', body, 1000));
      return {};
    }),
  'worker-b': () =>
    bus.respond('soak.worker-b', async (body) => {
      await tolerant(bus.request('soak.tool-y', body, 1000));
      if (fails()) throw new Error('worker b gave up');
      return {};
    }),
  'worker-c': () =>
    bus.respond('soak.worker-c', async () => {
      // too late for the planner, which gives up after a second
      if (fails(0.1)) await sleep(1200);
      return {};
    }),
  'tool-x': () => bus.respond('soak.tool-x', async () => (await tool(), {})),
  'tool-y': () => bus.respond('soak.tool-y', async () => (await tool(), {})),
  audit: () =>
    bus.listen('soak.events', () =>
      invokeAgent('audit', async () => (fails() ? Promise.reject(new Error('full')) : undefined)).catch(
        () => undefined,
      ),
    ),
};

async function finish(): Promise<void> {
  await bus.close().catch(() => undefined);
  await tracing.shutdown(20_000);
  log.write(`T ${JSON.stringify({ ...tracing.stats(), hub: hub.counters, rss: process.memoryUsage().rss })}\n`);
  log.end();
  await once(log, 'finish');
  process.exit(0);
}

if (traces === undefined) {
  ROLES[role]!();
  process.once('message', () => void finish());
  process.send?.('ready');
} else {
  let started = 0;
  const drive = async (): Promise<void> => {
    while (started++ < Number(traces)) {
      await tolerant(invokeAgent('gateway', () => bus.request('soak.planner', { n: started }, 3000)));
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, drive));
  process.send?.('done');
  process.once('message', () => void finish());
}
