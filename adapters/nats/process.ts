import { context, propagation, ROOT_CONTEXT, SpanKind, type Context, type Span, type Tracer } from '@opentelemetry/api';
import { withSpan } from '../../src/index.js';
import type { Destinations } from './destination.js';
import { recordFailure } from './failures.js';
import { headerGetter, IncomingHeaders } from './headers.js';
import type { NatsCallback, NatsMessage } from './types.js';

/** Starts spans for the messages of one subscription. */
export interface Processor {
  readonly tracer: Tracer;
  readonly destinations: Destinations;
}

/** A message being processed. */
interface Processing {
  readonly span: Span;
  readonly context: Context;
  /** Set when {@link consume} ends the span, not the loop. */
  consumed: boolean;
}

const processings = new WeakMap<object, Processing>();

/**
 * The context of a message that came through a traced connection: its processing span is the current one in it.
 * For work that leaves the handler, or in a plain loop: `context.with(contextOf(message), fn)`.
 */
export function contextOf(message: object): Context {
  return processings.get(message)?.context ?? context.active();
}

function start({ tracer, destinations }: Processor, message: NatsMessage): Processing {
  const parent = propagation.extract(ROOT_CONTEXT, new IncomingHeaders(message), headerGetter);
  const kind = message.reply ? SpanKind.SERVER : SpanKind.CONSUMER;
  const { name, options } = destinations.get('process', message.subject, kind);
  const span = tracer.startSpan(name, options, parent);
  const processing = { span, context: withSpan(parent, span), consumed: false };
  processings.set(message, processing);
  return processing;
}

/** A callback that runs in its message's context; the span ends when what the callback returns has settled. */
export function tracedCallback(processor: Processor, callback: NatsCallback): NatsCallback {
  return function (this: unknown, error, message) {
    if (error || !message?.subject) return callback.call(this, error, message);
    const { span, context: own } = start(processor, message);
    let result: unknown;
    try {
      result = context.with(own, callback, this, error, message);
    } catch (thrown) {
      recordFailure(span, thrown);
      span.end();
      throw thrown;
    }
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') {
      span.end();
      return result;
    }
    return (result as PromiseLike<unknown>).then(
      (value) => {
        span.end();
        return value;
      },
      (rejected: unknown) => {
        recordFailure(span, rejected);
        span.end();
        throw rejected;
      },
    );
  };
}

/** An iterator whose messages have a span each, from their arrival in the loop to the next turn of it. */
export async function* tracedIterator(
  processor: Processor,
  messages: AsyncIterator<NatsMessage>,
): AsyncGenerator<NatsMessage> {
  try {
    for (let turn = await messages.next(); !turn.done; turn = await messages.next()) {
      const processing = start(processor, turn.value);
      try {
        yield turn.value;
      } finally {
        if (!processing.consumed) processing.span.end();
      }
    }
  } finally {
    await messages.return?.();
  }
}

/**
 * Handles every message of a traced subscription in its own context; its span ends when its handler has settled.
 * A handler that throws fails its message's span and ends the loop (with `concurrency`, at the next message), as a throw in
 * a `for await` would.
 *
 * @param concurrency how many messages are handled at once @default 1
 */
export async function consume<M extends object>(
  messages: AsyncIterable<M>,
  handler: (message: M) => unknown,
  { concurrency = 1 }: { concurrency?: number } = {},
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  for await (const message of messages) {
    if (failure) break;
    const handled = handle(message, handler)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => running.delete(handled));
    running.add(handled);
    if (running.size >= concurrency) await Promise.race(running);
    if (failure) break;
  }
  await Promise.all(running);
  if (failure) throw failure.error;
}

async function handle<M extends object>(message: M, handler: (message: M) => unknown): Promise<void> {
  const processing = processings.get(message);
  if (processing) processing.consumed = true;
  try {
    await context.with(contextOf(message), handler, undefined, message);
  } catch (error) {
    if (processing) recordFailure(processing.span, error);
    throw error;
  } finally {
    processing?.span.end();
  }
}
