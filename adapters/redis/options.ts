import type { TracerProvider } from '@opentelemetry/api';

/** All, none, those that match a name, a `*` pattern or an expression, or those that a function says. */
export type Names = boolean | readonly (string | RegExp)[] | ((name: string) => boolean);

export interface TraceRedisOptions {
  /**
   * Where trace context is written beside messages. Whoever reads there without spanbus sees it: an envelope around messages
   * of channels and lists, three more fields in entries of streams. So it is nowhere unless said: first let all readers
   * understand it (reading works everywhere, always), then say where. `true` is everywhere. Names are those that Redis
   * sees, with a key prefix.
   *
   * @default nothing is wrapped; spans are made all the same
   */
  wrap?: boolean | { channels?: Names; lists?: Names; streams?: Names };
  /**
   * The channel on which processes tell each other which traces to keep; false keeps off the bus. Used where anything is
   * wrapped. @default 'spanbus:keep'
   */
  keepChannel?: string | false;
  /** @default the provider that is registered globally */
  tracerProvider?: TracerProvider;
}

export type NameTest = (name: string) => boolean;

function patternTest(pattern: string | RegExp): NameTest {
  // a global expression remembers where it stopped, and would answer differently the next time
  if (typeof pattern !== 'string')
    return (name) => new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).test(name);
  if (!pattern.includes('*')) return (name) => name === pattern;
  const source = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${source.join('.*')}$`, 's');
  return (name) => expression.test(name);
}

function nameTest(names: Names | undefined): NameTest {
  if (names === undefined || typeof names === 'boolean') return () => names === true;
  if (typeof names === 'function') return (name) => Boolean(names(name));
  const tests = names.map(patternTest);
  return (name) => tests.some((test) => test(name));
}

/** Tests of names, one for each kind of destination. */
export function wrapTests({ wrap = false }: TraceRedisOptions): Record<'channels' | 'lists' | 'streams', NameTest> {
  const given = typeof wrap === 'boolean' ? { channels: wrap, lists: wrap, streams: wrap } : wrap;
  return { channels: nameTest(given.channels), lists: nameTest(given.lists), streams: nameTest(given.streams) };
}
