import { InvalidOptionError } from './errors.js';
import type { TracingOptions } from './options.js';

/** What a value has to be: a kind of value, or a group of named ones. */
type Kind = 'a string' | 'a number' | 'a positive number' | 'a boolean' | 'a function' | 'an object' | 'a list';
interface Group {
  readonly [name: string]: Kind | Group;
}
/** A group that names each option there is. */
type GroupOf<T> = { readonly [K in keyof Required<T>]: Kind | Group };

const OPTIONS: GroupOf<TracingOptions> = {
  service: 'a string',
  resource: 'an object',
  clickhouse: { url: 'a string', database: 'a string', username: 'a string', password: 'a string' },
  sampling: {
    ratio: 'a number',
    rules: 'a list',
    tracesPerSecond: 'a positive number',
    keep: { errors: 'a boolean', slowerThanMs: 'a number', moreTokensThan: 'a number' },
    bufferBytes: 'a positive number',
    spillDir: 'a string',
    spillBytes: 'a positive number',
    keepsPerSecond: 'a positive number',
  } satisfies GroupOf<NonNullable<TracingOptions['sampling']>>,
  capture: {
    content: 'a boolean',
    maxContentBytes: 'a positive number',
    redact: 'a function',
    redactSecrets: 'a boolean',
    maxAttributeBytes: 'a positive number',
  } satisfies GroupOf<NonNullable<TracingOptions['capture']>>,
  baggageAttributes: 'a list',
  queue: {
    maxBytes: 'a positive number',
    spoolDir: 'a string',
    maxSpoolBytes: 'a positive number',
  } satisfies GroupOf<NonNullable<TracingOptions['queue']>>,
  sink: 'an object',
};

const RULE: Group = { agent: 'a string', destination: 'a string', ratio: 'a number' };

const IS: Record<Kind, (value: unknown) => boolean> = {
  'a string': (value) => typeof value === 'string',
  'a number': (value) => typeof value === 'number' && !Number.isNaN(value),
  'a positive number': (value) => typeof value === 'number' && value > 0,
  'a boolean': (value) => typeof value === 'boolean',
  'a function': (value) => typeof value === 'function',
  'an object': isObject,
  'a list': Array.isArray,
};

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value in a message: short, and nothing of an object, which may hold a password. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'object' && value !== null ? (Array.isArray(value) ? 'a list' : 'an object') : String(value);
}

function check(path: string, value: unknown, wanted: Kind | Group): void {
  if (value === undefined) return;
  const kind = typeof wanted === 'string' ? wanted : 'an object';
  if (!IS[kind](value)) throw new InvalidOptionError(path || 'options', `${shown(value)} is not ${kind}`);
  if (typeof wanted === 'string') return;
  for (const [name, part] of Object.entries(value as object)) {
    const inner = path === '' ? name : `${path}.${name}`;
    if (!Object.hasOwn(wanted, name)) {
      throw new InvalidOptionError(inner, `there is no such option; there are ${Object.keys(wanted).join(', ')}`);
    }
    check(inner, part, wanted[name]!);
  }
}

/**
 * Looks at options that JavaScript, or a file, may have given.
 * @throws InvalidOptionError for one that is not known, or is not what it has to be
 */
export function checkOptions(options: unknown): void {
  check('', options, OPTIONS);
  const { sampling, baggageAttributes = [] } = options as TracingOptions;
  for (const rule of sampling?.rules ?? []) check('sampling.rules', rule, RULE);
  for (const key of baggageAttributes) check('baggageAttributes', key, 'a string');
}
