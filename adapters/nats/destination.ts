import type { Attributes, Span, SpanKind, SpanOptions } from '@opentelemetry/api';
import type { Operation } from './options.js';

/** What spans of one operation on one subject have in common: made once and shared, its attributes frozen. */
export interface Destination {
  readonly subject: string;
  readonly name: string;
  readonly options: SpanOptions & { readonly attributes: Attributes };
  /** The latest span on it: what a server refuses, it refuses later. */
  last: Span | undefined;
}

/** What spans of one operation share, whatever their subject. */
export interface OperationShape {
  readonly operation: Operation;
  readonly type: 'send' | 'receive' | 'process' | 'settle';
  readonly kind: SpanKind;
  readonly attributes?: Attributes;
}

/** How a connection names its destinations. */
export interface Naming {
  isTraced(subject: unknown): subject is string;
  template(subject: string): string;
  name(operation: Operation, template: string): string;
  /** Attributes of the connection. */
  common(): Attributes;
}

/** Bounds what subjects with ids in them cost: beyond it, their destinations are made anew. */
const MAX_CACHED = 2_000;

/** Makes and remembers the {@link Destination}s of one operation. */
export class Destinations {
  private readonly known = new Map<string, Destination | undefined>();

  constructor(
    private readonly naming: Naming,
    private readonly shape: OperationShape,
  ) {}

  /** Undefined for subjects that are not traced. */
  get(subject: string): Destination | undefined {
    const destination = this.known.get(subject);
    return destination !== undefined || this.known.has(subject) ? destination : this.make(subject);
  }

  /** The connection moved to another server: its attributes changed. */
  clear(): void {
    this.known.clear();
  }

  private make(subject: string): Destination | undefined {
    const destination = this.naming.isTraced(subject) ? this.describe(subject) : undefined;
    if (this.known.size >= MAX_CACHED) this.known.clear();
    this.known.set(subject, destination);
    return destination;
  }

  private describe(subject: string): Destination {
    const { operation, type, kind, attributes: more } = this.shape;
    const template = this.naming.template(subject);
    const attributes: Attributes = {
      'messaging.system': 'nats',
      'messaging.operation.name': operation,
      'messaging.operation.type': type,
      'messaging.destination.name': subject,
      ...(template !== subject && { 'messaging.destination.template': template }),
      ...(operation === 'request' && { 'rpc.system.name': 'nats' }),
      ...this.naming.common(),
      ...more,
    };
    return {
      subject,
      name: this.naming.name(operation, template),
      options: Object.freeze({ kind, attributes: Object.freeze(attributes) }),
      last: undefined,
    };
  }
}
