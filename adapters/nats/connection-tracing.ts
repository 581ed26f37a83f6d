import { diag, SpanKind, trace, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import { Destinations, type Naming, type OperationShape } from './destination.js';
import { subjectFilter, type Operation, type SpanSubject, type TraceNatsOptions } from './options.js';
import { templateOf } from './template.js';
import type { NatsConnectionLike } from './types.js';

/** Where the spans of handled messages are named: a queue group has attributes of its own. */
export interface ProcessDestinations {
  /** Nobody waits for an answer. */
  readonly consumer: Destinations;
  readonly server: Destinations;
}

/** What all that is traced on one connection shares: tracer, names, hooks. */
export class ConnectionTracing {
  readonly tracer: Tracer;
  readonly linksSenders: boolean;
  private readonly caches: Destinations[] = [];
  private readonly naming: Naming;
  private readonly groups = new Map<string, ProcessDestinations>();

  /** @throws InvalidOptionError for patterns that are none */
  constructor(
    private readonly nc: NatsConnectionLike,
    private readonly options: TraceNatsOptions,
  ) {
    this.tracer = (options.tracerProvider ?? trace).getTracer('spanbus/nats');
    this.linksSenders = options.relation === 'link';
    const inbox = `${nc.options?.inboxPrefix ?? '_INBOX'}.`;
    const isWanted = subjectFilter(options);
    this.naming = {
      // a subject that is no string at all is for the client to refuse
      isTraced: (subject): subject is string =>
        typeof subject === 'string' && !subject.startsWith(inbox) && isWanted(subject),
      template: (subject) => guarded(options.destinationTemplate, subject) ?? templateOf(subject),
      name: (operation, template) => guarded(options.spanName, operation, template) ?? `${operation} ${template}`,
      common: () => this.attributes(),
    };
  }

  isTraced(subject: unknown): subject is string {
    return this.naming.isTraced(subject);
  }

  destinations(shape: OperationShape): Destinations {
    const destinations = new Destinations(this.naming, shape);
    this.caches.push(destinations);
    return destinations;
  }

  /** Names for handled messages of a queue group, or of none (the empty string). */
  processing(group: string): ProcessDestinations {
    let destinations = this.groups.get(group);
    if (!destinations) {
      const attributes = group === '' ? {} : { 'messaging.consumer.group.name': group };
      const shape = { operation: 'process', type: 'process', attributes } as const;
      destinations = {
        consumer: this.destinations({ ...shape, kind: SpanKind.CONSUMER }),
        server: this.destinations({ ...shape, kind: SpanKind.SERVER }),
      };
      this.groups.set(group, destinations);
    }
    return destinations;
  }

  /** To be called when the connection has moved to another server. */
  moved(): void {
    for (const cache of this.caches) cache.clear();
  }

  /** Runs the user's hook on a span that has just started. */
  announce(span: Span, operation: Operation, subject: string, message?: SpanSubject['message']): void {
    if (this.options.onSpan) {
      guarded(this.options.onSpan, span, { operation, subject, ...(message && { message }) });
    }
  }

  private attributes(): Attributes {
    const [host, port] = this.nc.getServer().split(/:(?=\d+$)/);
    const client = this.nc.info?.client_id;
    return {
      'server.address': host ?? '',
      ...(port !== undefined && { 'server.port': Number(port) }),
      ...(client !== undefined && { 'messaging.client.id': String(client) }),
    };
  }
}

/** What a user's hook gives; undefined when there is none or it throws, for tracing must not fail the bus. */
function guarded<A extends unknown[], R>(hook: ((...args: A) => R) | undefined, ...args: A): R | undefined {
  if (!hook) return undefined;
  try {
    return hook(...args);
  } catch (error) {
    diag.error('spanbus: a hook of traceNats threw', error);
    return undefined;
  }
}
