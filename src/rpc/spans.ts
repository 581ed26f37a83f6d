import { SpanKind, type Attributes, type SpanOptions } from '@opentelemetry/api';
import { templateOf } from '../destination-template.js';
import type { RpcTransport } from './transport.js';

/** Name and options of the spans of one destination, made once. */
export interface SpanTemplate {
  readonly name: string;
  readonly options: SpanOptions;
}

const MAX_CACHED = 2_000;

/** Remembers {@link SpanTemplate}s of requests, of their handling, or of messages nobody waits for an answer to. */
export class SpanTemplates {
  private readonly known = new Map<string, SpanTemplate>();

  constructor(
    private readonly operation: 'request' | 'process',
    private readonly kind: SpanKind,
    private readonly transport: RpcTransport,
  ) {}

  get(destination: string): SpanTemplate {
    let template = this.known.get(destination);
    if (!template) {
      template = this.make(destination);
      if (this.known.size >= MAX_CACHED) this.known.clear();
      this.known.set(destination, template);
    }
    return template;
  }

  private make(destination: string): SpanTemplate {
    const { operation, kind } = this;
    const { system } = this.transport;
    const template = templateOf(destination);
    const attributes: Attributes = {
      'messaging.system': system,
      'messaging.operation.name': operation,
      'messaging.operation.type': operation === 'request' ? 'send' : 'process',
      'messaging.destination.name': destination,
      ...(template !== destination && { 'messaging.destination.template': template }),
      ...(kind !== SpanKind.CONSUMER && { 'rpc.system.name': system }),
      ...this.transport.attributes,
    };
    return {
      name: `${operation} ${template}`,
      options: Object.freeze({ kind, attributes: Object.freeze(attributes) }),
    };
  }
}
