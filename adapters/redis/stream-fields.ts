import { parseTraceparent } from '../../src/index.js';
import type { Carrier } from './process.js';
import type { Argument } from './types.js';

/** In the order in which they are written, at the end of an entry. */
const NAMES = ['traceparent', 'tracestate', 'baggage'] as const;

const COUNTED = new Set(['MAXLEN', 'MINID', 'LIMIT']);
const FLAGS = new Set(['NOMKSTREAM', 'KEEPREF', 'DELREF', 'ACKED']);

/** Where the fields begin in the arguments of `XADD key [NOMKSTREAM] [MAXLEN|MINID [=|~] n [LIMIT n]] id field value…`. */
export function fieldsFrom(args: readonly Argument[]): number {
  let at = 1;
  for (;;) {
    const word = String(args[at] ?? '').toUpperCase();
    if (FLAGS.has(word)) at++;
    else if (COUNTED.has(word)) at += /^[=~]$/.test(String(args[at + 1] ?? '')) ? 3 : 2;
    else return at + 1;
  }
}

const isTraceName = (field: Argument): boolean => (NAMES as readonly string[]).includes(String(field));

/** Whether the user writes such fields himself; then they are his. */
export function hasTraceFields(fields: readonly Argument[]): boolean {
  return fields.some((field, i) => i % 2 === 0 && field.length <= 11 && isTraceName(field));
}

/** What propagators set, as fields of an entry. */
export class TraceFields {
  private readonly values = new Map<string, string>();

  set(key: string, value: string): void {
    this.values.set(key, value);
  }

  /** Without `traceparent` a reader would not know the others as ours. */
  get isComplete(): boolean {
    return this.values.has('traceparent');
  }

  get fields(): string[] {
    return NAMES.flatMap((name) => (this.values.has(name) ? [name, this.values.get(name)!] : []));
  }
}

/**
 * Takes the trace fields off the end of an entry's fields, which are the reader's own copy.
 *
 * @returns undefined, and nothing taken, when the last fields are not `traceparent[, tracestate][, baggage]` with a valid
 * traceparent: then they are the user's
 */
export function takeTraceFields(fields: Argument[]): Carrier | undefined {
  let order: number = NAMES.length;
  let at = fields.length;
  while (at >= 2 && order > 0) {
    const name = fields[at - 2]!;
    const index = name.length <= 11 ? (NAMES as readonly string[]).indexOf(String(name)) : -1;
    if (index < 0 || index >= order) break;
    order = index;
    at -= 2;
  }
  if (order !== 0 || !parseTraceparent(String(fields[at + 1]))) return undefined;
  const values = new Map<string, string>();
  for (let i = at; i < fields.length; i += 2) values.set(String(fields[i]), String(fields[i + 1]));
  fields.length = at;
  return { get: (key) => values.get(key), keys: () => [...values.keys()] };
}
