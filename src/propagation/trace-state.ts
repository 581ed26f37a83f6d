import type { TraceState } from '@opentelemetry/api';

const MAX_MEMBERS = 32;
const MAX_LENGTH = 512;
const LONG_MEMBER = 128;
const KEY = /^(?:[a-z][_0-9a-z\-*/]{0,255}|[a-z0-9][_0-9a-z\-*/]{0,240}@[a-z][_0-9a-z\-*/]{0,13})$/;
const VALUE = /^[ -~]{0,255}[!-~]$/;

function isMember(key: string, value: string): boolean {
  return KEY.test(key) && VALUE.test(value) && !/[,=]/.test(value);
}

/** An immutable `tracestate`: members in order, the newest first (https://www.w3.org/TR/trace-context-2/#tracestate-header). */
export class W3CTraceState implements TraceState {
  private text: string | undefined;
  private characters: number | undefined;

  private constructor(private readonly members: ReadonlyMap<string, string>) {}

  static readonly empty = new W3CTraceState(new Map());

  /**
   * Reads the header's value, or its values in order when it came more than once.
   * One illegal member, or a 33rd, makes the whole empty: half a state would mislead its owner.
   */
  static parse(header: string | readonly string[]): W3CTraceState {
    const members = new Map<string, string>();
    const text = typeof header === 'string' ? header : header.join(',');
    let count = 0;
    for (const raw of text.split(',')) {
      const member = raw.replace(/^[ \t]+|[ \t]+$/g, '');
      if (member === '') continue;
      const at = member.indexOf('=');
      const key = member.slice(0, at);
      const value = member.slice(at + 1);
      if (at < 1 || !isMember(key, value) || ++count > MAX_MEMBERS) return W3CTraceState.empty;
      if (!members.has(key)) members.set(key, value);
    }
    return members.size === 0 ? W3CTraceState.empty : new W3CTraceState(members);
  }

  get(key: string): string | undefined {
    return this.members.get(key);
  }

  /** A copy with `key` first; the same state when key or value is not legal. */
  set(key: string, value: string): W3CTraceState {
    if (!isMember(key, value)) return this;
    const members = new Map([[key, value]]);
    for (const [k, v] of this.members) if (k !== key && members.size < MAX_MEMBERS) members.set(k, v);
    return new W3CTraceState(members);
  }

  unset(key: string): W3CTraceState {
    const members = new Map(this.members);
    members.delete(key);
    return new W3CTraceState(members);
  }

  /** Characters of all members: what it takes in memory, also of those that {@link serialize} leaves out. */
  get size(): number {
    if (this.characters === undefined) {
      this.characters = 0;
      for (const [key, value] of this.members) this.characters += key.length + value.length;
    }
    return this.characters;
  }

  /** The header's value, at most 512 characters: whole members go, those over 128 characters first, then from the right. */
  serialize(): string {
    return (this.text ??= shorten(Array.from(this.members, ([key, value]) => `${key}=${value}`)));
  }
}

function shorten(members: string[]): string {
  let length = members.reduce((sum, m) => sum + m.length + 1, -1);
  const drop = (i: number): void => {
    length -= members[i]!.length + 1;
    members.splice(i, 1);
  };
  for (let i = members.length - 1; i >= 0 && length > MAX_LENGTH; i--) if (members[i]!.length > LONG_MEMBER) drop(i);
  while (length > MAX_LENGTH) drop(members.length - 1);
  return members.join(',');
}
