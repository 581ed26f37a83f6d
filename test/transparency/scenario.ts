import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import type { Generation } from '../nats-generations.js';

/** What a scenario is run with: once with a raw connection under test, once with a traced one. */
export interface Bench {
  readonly generation: Generation;
  /** The connection under test. */
  readonly nc: NatsConnection;
  /** Another program's connection: never traced. */
  readonly peer: NatsConnection;
  /** Opens another connection under test. */
  readonly open: () => Promise<NatsConnection>;
  /** Notes something the user can observe. */
  readonly log: (...what: unknown[]) => void;
}

export interface Scenario {
  readonly name: string;
  run(bench: Bench): Promise<void>;
}

/** Inboxes and service ids differ from run to run. */
const RANDOM = /_INBOX\.[0-9A-Za-z.]+|\b[0-9A-Z]{22}\b/g;
const OURS = new Set(['traceparent', 'tracestate', 'baggage']);

/** The headers that are the user's own: a block that holds none is none to a subscriber that does not look for ours. */
export function headersOf(headers: MsgHdrs | undefined): unknown {
  const own = [...(headers ?? [])].filter(([key]) => !OURS.has(key));
  if (!headers || (own.length === 0 && headers.code === 0)) return 'none';
  return { code: headers.code, description: headers.description, own };
}

/** All of a message that a subscriber can look at. */
export function seen(message: Msg): unknown {
  return {
    subject: message.subject,
    reply: message.reply,
    data: [...message.data],
    text: message.string(),
    headers: headersOf(message.headers),
    prototype: (Object.getPrototypeOf(message) as object).constructor.name,
  };
}

/** What an error says of itself. */
export function failed(error: unknown): unknown {
  const { name, message, code, constructor, cause } = error as Error & { code?: unknown };
  return { name, message, code, constructor: constructor.name, cause: cause ? failed(cause) : undefined };
}

/** The error that `fn` throws or rejects with. */
export async function failure(fn: () => unknown): Promise<unknown> {
  try {
    await fn();
    return 'no error';
  } catch (error) {
    return failed(error);
  }
}

/** What was noted, comparable between runs. */
export function comparable(notes: unknown[]): unknown {
  return JSON.parse(
    JSON.stringify(notes, (_, value: unknown) => (value === undefined ? 'undefined' : value)).replace(
      RANDOM,
      '{random}',
    ),
  );
}

/** How long `fn` takes, in steps of 100 ms: slow enough not to differ by chance. */
export async function roughly(fn: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await fn();
  return Math.floor((performance.now() - start) / 100);
}
