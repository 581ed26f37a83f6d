import { trace } from '@opentelemetry/api';
import type { NatsConnection } from '@nats-io/transport-node';
import { consume, traceNats } from '../../adapters/nats/index.js';
import { traceMemory, type MemoryBus } from '../../adapters/memory/index.js';
import { recordError } from '../index.js';

/** What the demo's agents say to each other: JSON. */
export type Body = Record<string, unknown>;

/** The verbs an agent needs, on whichever bus there is. */
export interface AgentBus {
  /** Answers requests on `subject`; what `handler` throws is answered as an error. */
  respond(subject: string, handler: (body: Body) => Promise<Body>): void;
  /** Handles messages nobody waits for. */
  listen(subject: string, handler: (body: Body) => Promise<void>): void;
  /** @param timeout ms @default 5000 */
  request(subject: string, body: Body, timeout?: number): Promise<Body>;
  publish(subject: string, body: Body): void;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 5_000;

const encode = (body: Body): Uint8Array => Buffer.from(JSON.stringify(body));
const decode = (data: Uint8Array): Body => JSON.parse(Buffer.from(data).toString()) as Body;

/** The bytes of what an agent answers; a failure is answered too, and marks the span of the message it answers. */
async function answer(handler: (body: Body) => Promise<Body>, data: Uint8Array): Promise<Uint8Array> {
  try {
    return encode(await handler(decode(data)));
  } catch (error) {
    const span = trace.getActiveSpan();
    if (span) recordError(span, error);
    return encode({ error: (error as Error).message });
  }
}

/** An error reply becomes an error of the caller. */
function unpack(data: Uint8Array): Body {
  const body = decode(data);
  if (typeof body['error'] === 'string') throw new Error(body['error']);
  return body;
}

/** Agents over NATS: these two lines, and the adapter, are all the tracing there is in them. */
export async function connectNats(servers: string, name: string): Promise<AgentBus> {
  const { connect } = await import('@nats-io/transport-node');
  const nc: NatsConnection = traceNats(await connect({ servers, name }));
  return {
    respond(subject, handler) {
      const requests = nc.subscribe(subject, { queue: name });
      void consume(requests, async (message) => message.respond(await answer(handler, message.data)), {
        concurrency: 16,
      });
    },
    listen(subject, handler) {
      void consume(nc.subscribe(subject), (message) => handler(decode(message.data)));
    },
    request: async (subject, body, timeout = REQUEST_TIMEOUT_MS) =>
      unpack((await nc.request(subject, encode(body), { timeout })).data),
    publish: (subject, body) => nc.publish(subject, encode(body)),
    close: () => nc.drain(),
  };
}

/** Agents in one process, when there is no server to be had: they share its service, so each says that a message is its own. */
export function connectMemory(shared: MemoryBus, name: string): AgentBus {
  const bus = traceMemory(shared);
  const ends: (() => void)[] = [];
  const mine = (): void => void trace.getActiveSpan()?.setAttribute('gen_ai.agent.name', name);
  return {
    respond(subject, handler) {
      ends.push(
        bus.subscribe(subject, async (message) => {
          mine();
          message.respond(await answer(handler, message.data));
        }),
      );
    },
    listen(subject, handler) {
      ends.push(
        bus.subscribe(subject, (message) => {
          mine();
          return handler(decode(message.data));
        }),
      );
    },
    request: async (subject, body, timeout = REQUEST_TIMEOUT_MS) =>
      unpack((await bus.request(subject, encode(body), { timeout })).data),
    publish: (subject, body) => bus.publish(subject, encode(body)),
    close: async () => ends.forEach((end) => end()),
  };
}
