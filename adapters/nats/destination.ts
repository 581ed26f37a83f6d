import type { SpanKind, Attributes, SpanOptions } from '@opentelemetry/api';

export type Operation = 'publish' | 'request' | 'process' | 'settle';

/** What spans of one operation on one subject have in common: made once, shared, frozen. */
export interface Destination {
  readonly name: string;
  readonly options: SpanOptions;
}

const TYPES: Record<Operation, string> = { publish: 'send', request: 'send', process: 'process', settle: 'settle' };
const MAX_CACHED = 2_000;

/** UUIDs, ULIDs, nuids, numbers and long hex: parts of a subject that name an instance, not a kind. */
const ID =
  /^(?:\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{16,}|(?=.*\d)[0-9A-Za-z]{22})$/;
const UUID_ANY_CASE = /^[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}$/;

/** The subject with ids replaced: `agents.4711.ask` is `agents.{id}.ask`. The same string when it has none. */
export function templateOf(subject: string): string {
  let changed = false;
  const tokens = subject.split('.').map((token) => {
    if (!ID.test(token) && !UUID_ANY_CASE.test(token)) return token;
    changed = true;
    return '{id}';
  });
  return changed ? tokens.join('.') : subject;
}

/** Makes and remembers {@link Destination}s of one connection or subscription. */
export class Destinations {
  private readonly known = new Map<string, Destination>();

  /** @param common attributes of every span */
  constructor(private readonly common: () => Attributes) {}

  get(operation: Operation, subject: string, kind: SpanKind): Destination {
    const key = `${operation} ${kind} ${subject}`;
    let destination = this.known.get(key);
    if (!destination) {
      destination = this.make(operation, subject, kind);
      if (this.known.size >= MAX_CACHED) this.known.clear();
      this.known.set(key, destination);
    }
    return destination;
  }

  /** The same with more attributes. */
  extend(more: Attributes): Destinations {
    return new Destinations(() => ({ ...this.common(), ...more }));
  }

  private make(operation: Operation, subject: string, kind: SpanKind): Destination {
    const template = templateOf(subject);
    const attributes: Attributes = {
      'messaging.system': 'nats',
      'messaging.operation.name': operation,
      'messaging.operation.type': TYPES[operation],
      'messaging.destination.name': subject,
      ...(template !== subject && { 'messaging.destination.template': template }),
      ...(operation === 'request' && { 'rpc.system.name': 'nats' }),
      ...this.common(),
    };
    return Object.freeze({
      name: `${operation} ${template}`,
      options: Object.freeze({ kind, attributes: Object.freeze(attributes) }),
    });
  }
}
