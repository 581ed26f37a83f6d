import { diag } from '@opentelemetry/api';
import { decodeEnvelope, type Envelope } from './envelope.js';
import type { ListValues } from './list-values.js';
import type { Carrier } from './process.js';
import { nameOf } from './send.js';
import { takeTraceFields } from './stream-fields.js';
import type { Argument, RedisCommand, RedisLike } from './types.js';

/** An entry of a stream as ioredis has it: `[id, fields]`. */
export type StreamEntry = [id: string, fields: string[]];

/** One message of a reply, and where it came from. */
export interface Received {
  readonly item: unknown;
  readonly from: string;
  readonly carrier: Carrier | undefined;
  /** Of an entry in a stream. */
  readonly id?: string;
}

/** What a command that reads messages brought. */
export interface Reading {
  readonly client: RedisLike;
  readonly messages: readonly Received[];
  readonly group?: string;
  /** The entries had been delivered before: claimed ones, and a consumer's own history. */
  readonly redelivered?: boolean;
}

const readings = new WeakMap<object, Reading>();
const carriers = new WeakMap<object, Carrier>();

/** What is known of a reply, or of the promise of one. */
export const readingOf = (reply: unknown): Reading | undefined =>
  typeof reply === 'object' && reply !== null ? readings.get(reply) : undefined;

export const carrierOf = (entry: object): Carrier | undefined => carriers.get(entry);

/** Remembers a reading by its reply, when that is an object, and by the promise that the caller gets. */
export function remember(key: unknown, reading: Reading): void {
  if (typeof key === 'object' && key !== null) readings.set(key, reading);
}

const isEntry = (value: unknown): value is [Argument, Argument[]] => Array.isArray(value) && Array.isArray(value[1]);

/** Entries without their trace fields; what those said is kept beside each entry. */
function receiveEntries(entries: unknown, from: string): Received[] {
  if (!Array.isArray(entries)) return [];
  return entries.filter(isEntry).map((entry) => {
    const carrier = takeTraceFields(entry[1]);
    if (carrier) carriers.set(entry, carrier);
    return { item: entry, from, carrier, id: String(entry[0]) };
  });
}

/** XREAD and XREADGROUP answer with pairs of stream and entries, or with an object of them (RESP3, on demand). */
function receiveStreams(reply: unknown): Received[] {
  const streams = Array.isArray(reply) ? (reply as unknown[]) : Object.entries(reply ?? {});
  return streams.flatMap((stream) =>
    Array.isArray(stream) ? receiveEntries(stream[1], nameOf(stream[0] as Argument)) : [],
  );
}

/** Replies reach their caller whatever becomes of our part in them. */
function safely(work: () => void): void {
  try {
    work();
  } catch (error) {
    diag.error('spanbus: could not read what a Redis command brought', error);
  }
}

type Receive = (reply: unknown, args: readonly Argument[]) => Omit<Reading, 'client'>;

/** After the option STREAMS come keys and as many ids; `>` asks for entries that nobody got before. */
function asksForHistory(args: readonly Argument[]): boolean {
  const at = args.findIndex((arg, i) => i >= 3 && String(arg).toUpperCase() === 'STREAMS') + 1;
  return args.slice(at + (args.length - at) / 2).some((id) => String(id) !== '>');
}

export const STREAM_READS: Record<string, Receive> = {
  xread: (reply) => ({ messages: receiveStreams(reply) }),
  xreadgroup: (reply, args) => ({
    messages: receiveStreams(reply),
    group: nameOf(args[1]),
    redelivered: asksForHistory(args),
  }),
  xrange: (reply, args) => ({ messages: receiveEntries(reply, nameOf(args[0])) }),
  xrevrange: (reply, args) => ({ messages: receiveEntries(reply, nameOf(args[0])) }),
  xclaim: (reply, args) => ({
    messages: receiveEntries(reply, nameOf(args[0])),
    group: nameOf(args[1]),
    redelivered: true,
  }),
  xautoclaim: (reply, args) => ({
    messages: receiveEntries((reply as unknown[] | null)?.[1], nameOf(args[0])),
    group: nameOf(args[1]),
    redelivered: true,
  }),
};

/** Has the reply of a command that reads streams hide the trace fields. */
function prepareStreamRead(receive: Receive, client: RedisLike, command: RedisCommand): Reading {
  const { transformReply } = command;
  const reading: { -readonly [K in keyof Reading]: Reading[K] } = { client, messages: [] };
  command.transformReply = (reply) => {
    const result = transformReply.call(command, reply);
    safely(() => Object.assign(reading, receive(result, command.args)));
    remember(result, reading);
    return result;
  };
  return reading;
}

/** Takes the values in a list's reply out of their envelopes, in place: it is fresh from the parser. */
export function unwrap(reply: unknown, found: (Envelope | undefined)[]): unknown {
  if (Buffer.isBuffer(reply)) {
    const envelope = decodeEnvelope(reply);
    found.push(envelope);
    return envelope ? envelope.payload : reply;
  }
  if (Array.isArray(reply)) for (let i = 0; i < reply.length; i++) reply[i] = unwrap(reply[i], found);
  return reply;
}

/** Which argument names the list that the values are in after these commands. */
const STAY_IN: Record<string, number> = { lmove: 1, blmove: 1, rpoplpush: 1, brpoplpush: 1, lrange: 0, lindex: 0 };

/** How the answers of list commands are laid out: just values, or the key and then values. */
export const LIST_READS: Record<string, 'values' | 'keyed'> = {
  lpop: 'values',
  rpop: 'values',
  lmove: 'values',
  blmove: 'values',
  rpoplpush: 'values',
  brpoplpush: 'values',
  lrange: 'values',
  lindex: 'values',
  blpop: 'keyed',
  brpop: 'keyed',
  lmpop: 'keyed',
  blmpop: 'keyed',
};

function keep(values: ListValues, list: string, found: readonly (Envelope | undefined)[]): void {
  for (const envelope of found) {
    if (envelope) values.add(list, envelope.payload, envelope.bytes);
  }
}

/** Has the reply of a command that reads lists come without envelopes; they carry what strings would lose, so bytes are read. */
function prepareListRead(name: string, client: RedisLike, values: ListValues, command: RedisCommand): Reading {
  const { transformReply } = command;
  const reading: { -readonly [K in keyof Reading]: Reading[K] } = { client, messages: [] };
  command.transformReply = (reply) => {
    const found: (Envelope | undefined)[] = [];
    const keyed = LIST_READS[name] === 'keyed' && Array.isArray(reply);
    if (keyed) (reply as unknown[])[1] = unwrap((reply as unknown[])[1], found);
    const from = nameOf(keyed ? (reply as Argument[])[0] : command.args[0]);
    const result = transformReply.call(command, keyed ? reply : unwrap(reply, found));
    const given = keyed ? (result as unknown[])[1] : result;
    const items: unknown[] = Array.isArray(given) ? given : given === null || given === undefined ? [] : [given];
    reading.messages = items.map((item, i) => ({ item, from, carrier: found[i] }));
    const list = STAY_IN[name];
    if (list !== undefined) safely(() => keep(values, nameOf(command.args[list]), found));
    remember(result, reading);
    return result;
  };
  return reading;
}

/** Commands that read messages. */
export const READS = [...Object.keys(STREAM_READS), ...Object.keys(LIST_READS)];

/** Sees to it that what the command reads reaches its caller as it was sent; undefined for commands that read no messages. */
export function prepareRead(
  name: string,
  client: RedisLike,
  values: ListValues,
  command: RedisCommand,
): Reading | undefined {
  if (Object.hasOwn(STREAM_READS, name)) return prepareStreamRead(STREAM_READS[name]!, client, command);
  return Object.hasOwn(LIST_READS, name) ? prepareListRead(name, client, values, command) : undefined;
}
