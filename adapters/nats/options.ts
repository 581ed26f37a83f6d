import type { Span, TracerProvider } from '@opentelemetry/api';
import { InvalidOptionError } from '../../src/index.js';
import type { NatsMessage } from './types.js';

export type Operation = 'publish' | 'request' | 'process' | 'receive' | 'settle';

/** What a hook is told of the message that a span is about. */
export interface SpanSubject {
  readonly operation: Operation;
  readonly subject: string;
  /** The message as it came; absent when one is being sent. */
  readonly message?: NatsMessage;
}

export interface TraceNatsOptions {
  /** @default the provider that is registered globally */
  tracerProvider?: TracerProvider;
  /** Subjects to trace, with NATS wildcards. @default all */
  include?: readonly string[];
  /** Subjects not to trace, with NATS wildcards; they win over `include`. @default none */
  exclude?: readonly string[];
  /**
   * How the span of a handled message refers to its sender's: as a child of it, or with a link from the trace that the
   * handler runs in. @default 'parent'
   */
  relation?: 'parent' | 'link';
  /** A subject's low-cardinality form; undefined leaves it to the recognised ids (`agents.4711` is `agents.{id}`). */
  destinationTemplate?: (subject: string) => string | undefined;
  /** A span's name, once per subject. @default `{operation} {template}` */
  spanName?: (operation: Operation, template: string) => string;
  /**
   * The subject on which processes tell each other which traces to keep; false keeps off the bus, and leaves it to headers
   * and ClickHouse. @default 'spanbus.keep'
   */
  keepSubject?: string | false;
  /** Called with every span when it starts, to annotate or rename it. */
  onSpan?: (span: Span, about: SpanSubject) => void;
}

export const KEEP_SUBJECT = 'spanbus.keep';

/** Subjects of the server and of JetStream's own protocol: traffic of the plumbing, not of agents. */
const PLUMBING = /^(?:\$JS\.|\$SYS\.|\$KV\.|\$O\.|\$SRV\.)/;

/** A NATS pattern (`a.*.c`, `a.>`) as a regular expression. */
function toRegExp(pattern: string, option: string): RegExp {
  const tokens = pattern.split('.');
  const wrong = tokens.some((token, i) => token === '' || (token === '>' && i < tokens.length - 1) || /\s/.test(token));
  if (wrong) throw new InvalidOptionError(option, `"${pattern}" is not a NATS subject or pattern`);
  const source = tokens.map((token) => {
    if (token === '*') return '[^.]+';
    return token === '>' ? '.+' : token.replace(/[$()*+?[\\\]^{|}]/g, '\\$&');
  });
  return new RegExp(`^${source.join('\\.')}$`);
}

/**
 * Which subjects are traced.
 * @throws InvalidOptionError for a pattern that NATS would not take
 */
export function subjectFilter({
  include,
  exclude = [],
  keepSubject = KEEP_SUBJECT,
}: TraceNatsOptions): (subject: string) => boolean {
  const wanted = include?.map((pattern) => toRegExp(pattern, 'include'));
  const unwanted = exclude.map((pattern) => toRegExp(pattern, 'exclude'));
  return (subject) =>
    subject !== keepSubject &&
    !PLUMBING.test(subject) &&
    (wanted?.some((pattern) => pattern.test(subject)) ?? true) &&
    !unwanted.some((pattern) => pattern.test(subject));
}
