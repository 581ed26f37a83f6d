import type { Argument, RedisCommand, RedisLike } from './types.js';

const MAX_VALUES = 10_000;
const MAX_BYTES = 8 << 20;

const keyOf = (list: string, value: Argument): string => `${list}\n${Buffer.from(value as Buffer).toString('latin1')}`;

/**
 * The envelopes of values that this process has read out of lists where they still are. `LREM processing 1 value`, how a
 * worker says that it is done with a value it has moved, names what the worker read; in the list is its envelope.
 *
 * Bounded: a value that was read too long ago is looked for as it is, as by a process that has not read it.
 */
export class ListValues {
  private readonly envelopes = new Map<string, Buffer[]>();
  private bytes = 0;

  add(list: string, payload: Buffer, envelope: Buffer): void {
    const key = keyOf(list, payload);
    const known = this.envelopes.get(key) ?? [];
    if (known.some((other) => other.equals(envelope))) return;
    // at the end again: the oldest go first
    this.envelopes.delete(key);
    this.envelopes.set(key, [...known, envelope]);
    this.bytes += key.length + envelope.length;
    for (const [oldest, some] of this.envelopes) {
      if (this.envelopes.size <= MAX_VALUES && this.bytes <= MAX_BYTES) break;
      this.envelopes.delete(oldest);
      for (const one of some) this.bytes -= oldest.length + one.length;
    }
  }

  find(list: string, value: Argument): Buffer | undefined {
    return this.envelopes.get(keyOf(list, value))?.[0];
  }

  /** Forgets the envelope that {@link find} finds: it is no longer in the list. */
  remove(list: string, value: Argument): void {
    const key = keyOf(list, value);
    const [first, ...rest] = this.envelopes.get(key) ?? [];
    if (!first) return;
    this.bytes -= key.length + first.length;
    if (rest.length > 0) this.envelopes.set(key, rest);
    else this.envelopes.delete(key);
  }
}

const servers = new Map<string, ListValues>();

/** Those of a server's database: one connection moves a value, another removes it. */
export function valuesOf({ options, startupNodes }: RedisLike): ListValues {
  const { host, port, path, db } = options;
  const server = JSON.stringify([startupNodes ?? path ?? [host, port], db]);
  const values = servers.get(server) ?? new ListValues();
  servers.set(server, values);
  return values;
}

/** Where the list's value stands in commands that look for one. */
const VALUE_AT: Record<string, number> = { lrem: 2, lpos: 1, linsert: 2 };

export const VALUE_COMMANDS = Object.keys(VALUE_AT);

/** Has LREM, LPOS and LINSERT look for the envelope of a value that was read out of one. */
export function findValue(
  values: ListValues,
  name: string,
  command: RedisCommand,
  writeInstead: (command: RedisCommand, args: Argument[]) => void,
): void {
  const at = VALUE_AT[name]!;
  const { args } = command;
  const [list, value] = [String(args[0]), args[at]];
  const envelope = value === undefined ? undefined : values.find(list, value);
  if (!envelope) return;
  writeInstead(command, args.with(at, envelope));
  if (name === 'lrem') values.remove(list, value!);
}
