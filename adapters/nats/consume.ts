import { context } from '@opentelemetry/api';
import { contextOf, processingOf } from './processing.js';

/**
 * Handles every message of a traced subscription, consumer or service in its own context; its span ends when its handler
 * has settled. A handler that throws fails its message's span and ends the loop (with `concurrency`, at the next message),
 * as a throw in a `for await` would.
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
  const processing = processingOf(message);
  if (processing) processing.consumed = true;
  try {
    await context.with(contextOf(message), handler, undefined, message);
    processing?.end();
  } catch (error) {
    processing?.fail(error);
    throw error;
  }
}
