import { context, SpanKind, trace, type Attributes, type Context, type Link } from '@opentelemetry/api';
import { withSpan } from '../../src/index.js';
import { Destinations, serverAttributes } from './destination.js';
import { recordFailure } from './failures.js';
import { linkTo, senderOf, startProcessing, type Processing } from './process.js';
import { carrierOf, readingOf, type Reading, type Received, type StreamEntry } from './receive.js';

export interface ConsumeOptions {
  /** How many messages are handled at once. @default 1 */
  concurrency?: number;
  /**
   * `parent`: handling a message is a child of its sender's span. `link`: it is a child of the current span, and linked to
   * its sender.
   *
   * @default link inside a running span, else parent
   */
  relation?: 'parent' | 'link';
}

const contexts = new WeakMap<object, Context>();

/**
 * The context of an entry that a traced client read: its processing span's while {@link consume} handles it, else its
 * sender's. For work that goes on elsewhere: `context.with(contextOf(entry), fn)`.
 */
export function contextOf(entry: object): Context {
  const carrier = carrierOf(entry);
  return contexts.get(entry) ?? (carrier ? senderOf(carrier) : context.active());
}

/** Messages of a reply that came through no traced client: their senders are not known, so traces start here. */
function readingFrom(reply: unknown): Pick<Reading, 'messages'> {
  if (!Array.isArray(reply)) return { messages: [] };
  const isEntry = (value: unknown): boolean =>
    Array.isArray(value) && Array.isArray(value[1]) && !Array.isArray(value[1][0]);
  if (reply.every(isEntry))
    return { messages: reply.map((item: unknown) => ({ item, from: 'unknown', carrier: undefined })) };
  const messages = reply.flatMap((stream: unknown) => {
    if (!Array.isArray(stream) || !Array.isArray(stream[1])) return [];
    return stream[1].map((item: unknown) => ({
      item,
      from: String(stream[0]),
      carrier: undefined,
      id: String((item as unknown[])[0]),
    }));
  });
  if (messages.length > 0 || reply.length !== 2) return { messages };
  return { messages: [{ item: reply[1], from: String(reply[0]), carrier: undefined }] };
}

async function read(reply: unknown): Promise<Pick<Reading, 'messages'> & Partial<Reading>> {
  const settled = await reply;
  return readingOf(reply) ?? readingOf(settled) ?? readingFrom(settled);
}

const tracerOf = () => trace.getTracer('spanbus/redis');
const destinations = new WeakMap<object, Destinations>();
const NOBODY = {};

function destinationsOf({ client }: Partial<Reading>): Destinations {
  let known = destinations.get(client ?? NOBODY);
  if (!known) {
    known = new Destinations('process', client ? serverAttributes(client) : {});
    destinations.set(client ?? NOBODY, known);
  }
  return known;
}

function attributesOf({ group }: Partial<Reading>, { id }: Received): Attributes {
  return {
    ...(group !== undefined && { 'messaging.consumer.group.name': group }),
    ...(id !== undefined && { 'messaging.message.id': id }),
  };
}

/** How often an entry was delivered; asked before its handler can acknowledge it, and never waited for. */
async function deliveryCount({ client, group }: Partial<Reading>, { from, id }: Received): Promise<number | undefined> {
  try {
    const pending = (await client?.call('XPENDING', from, group!, id!, id!, '1')) as [
      unknown,
      unknown,
      unknown,
      number,
    ][];
    return pending?.[0]?.[3];
  } catch {
    return undefined;
  }
}

async function handle<T>(
  reading: Partial<Reading>,
  message: Received,
  handler: (item: T, from: string) => unknown,
  { relation }: ConsumeOptions,
): Promise<void> {
  const active = context.active();
  const link = relation === undefined ? trace.getSpan(active)?.isRecording() : relation === 'link';
  const destination = destinationsOf(reading).get(message.from);
  const processing = startProcessing(tracerOf(), destination, message.carrier, link ? active : undefined);
  const { span } = processing;
  span.setAttributes(attributesOf(reading, message));
  const count = reading.redelivered && message.id !== undefined ? deliveryCount(reading, message) : undefined;
  try {
    await run(processing, message, handler);
  } catch (error) {
    recordFailure(span, error);
    throw error;
  } finally {
    if (count) {
      const end = performance.now();
      void count.then((times) => {
        if (times !== undefined) span.setAttribute('messaging.redis.message.delivery_count', times);
        span.end(end);
      });
    } else span.end();
  }
}

async function run<T>(
  { context: own }: Processing,
  { item, from }: Received,
  handler: (item: T, from: string) => unknown,
): Promise<void> {
  if (typeof item === 'object' && item !== null) contexts.set(item, own);
  await context.with(own, handler, undefined, item as T, from);
}

/**
 * Handles every message of what a traced client read, in its own context and span, which ends when its handler has settled.
 * Takes the reply, or better its promise, of any command that reads a stream (XREAD, XREADGROUP, XCLAIM, XAUTOCLAIM, XRANGE)
 * or a list (BLPOP, LMOVE and so on). The wait for messages is in no span.
 *
 * A handler that throws fails its message's span and ends the loop (with `concurrency`, at the next message).
 *
 * @param handler gets an entry `[id, fields]` or a list's value, and the stream or list it came from
 * @returns how many messages there were
 *
 * @example
 * await consume(redis.xreadgroup('GROUP', 'workers', 'w1', 'BLOCK', 0, 'STREAMS', 'jobs', '>'), async ([id, fields]) => …);
 * await consume(redis.blmove('jobs', 'doing', 'LEFT', 'RIGHT', 0), async (value: string) => …);
 */
export async function consume<T = StreamEntry>(
  reply: unknown,
  handler: (item: T, from: string) => unknown,
  options: ConsumeOptions = {},
): Promise<number> {
  const reading = await read(reply);
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  for (const message of reading.messages) {
    const handled = handle(reading, message, handler, options)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => running.delete(handled));
    running.add(handled);
    if (running.size >= (options.concurrency ?? 1)) await Promise.race(running);
    if (failure) break;
  }
  await Promise.all(running);
  if (failure) throw failure.error;
  return reading.messages.length;
}

/**
 * Handles all messages of a reply together: one span, linked to all their senders, a child of the current span.
 *
 * @returns what the handler returned; undefined, and no span, when there were no messages
 */
export async function consumeBatch<T = StreamEntry, R = unknown>(
  reply: unknown,
  handler: (items: T[], from: string) => R | Promise<R>,
): Promise<R | undefined> {
  const reading = await read(reply);
  const { messages } = reading;
  const [first] = messages;
  if (!first) return undefined;
  const { name, options } = destinationsOf(reading).get(first.from);
  const links = messages.map((message) => linkTo(message.carrier)).filter((link): link is Link => link !== undefined);
  const active = context.active();
  const span = tracerOf().startSpan(name, { ...options, kind: SpanKind.CONSUMER, links }, active);
  span.setAttribute('messaging.batch.message_count', messages.length);
  if (reading.group !== undefined) span.setAttribute('messaging.consumer.group.name', reading.group);
  try {
    const items = messages.map(({ item }) => item as T);
    return await context.with(withSpan(active, span), handler, undefined, items, first.from);
  } catch (error) {
    recordFailure(span, error);
    throw error;
  } finally {
    span.end();
  }
}
