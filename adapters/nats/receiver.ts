import {
  context,
  diag,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Context,
  type Link,
  type Span,
} from '@opentelemetry/api';
import { withSpan } from '../../src/index.js';
import type { ConnectionTracing, ProcessDestinations } from './connection-tracing.js';
import type { Destination } from './destination.js';
import { recordFailure } from './failures.js';
import { headerGetter, IncomingHeaders } from './incoming-headers.js';
import { Processing, type Handlers } from './processing.js';
import { hasReply } from './raw-message.js';
import { watchAnswer } from './responder.js';
import type { NatsMessage } from './types.js';

/** The context that a message's headers carry; the root when they carry none. */
export function senderOf(headers: IncomingHeaders): Context {
  if (headers.isEmpty) return ROOT_CONTEXT;
  try {
    return propagation.extract(ROOT_CONTEXT, headers, headerGetter);
  } catch (error) {
    diag.error('spanbus: a propagator threw', error);
    return ROOT_CONTEXT;
  }
}

/** Where a message's span goes: below its sender's, or into the trace of whoever handles it, with a link. */
export function relate(sender: Context, linksSenders: boolean): { parent: Context; links?: Link[] } {
  if (!linksSenders) return { parent: sender };
  const from = trace.getSpanContext(sender);
  const baggage = propagation.getBaggage(sender);
  const active = context.active();
  return {
    parent: baggage ? propagation.setBaggage(active, baggage) : active,
    ...(from && { links: [{ context: from }] }),
  };
}

const WILDCARD = /(?:^|\.)[*>](?:\.|$)/;

export function isWildcard(subject: unknown): boolean {
  return typeof subject === 'string' && WILDCARD.test(subject);
}

/** Starts spans for the messages of one subscription. */
export class Receiver implements Handlers {
  private readonly destinations: ProcessDestinations;
  /** Those of the subscription's own subject when it has no wildcards, which spares decoding every message's. */
  private readonly fixed: { consumer: Destination | undefined; server: Destination | undefined } | undefined;

  /** @param answersLater whether the subscription is a service's, whose callbacks swallow promises */
  constructor(
    readonly tracing: ConnectionTracing,
    readonly subject: string,
    readonly group: string,
    public answersLater: boolean,
  ) {
    const { consumer, server } = (this.destinations = tracing.processing(group));
    this.fixed = isWildcard(subject) ? undefined : { consumer: consumer.get(subject), server: server.get(subject) };
  }

  /** Undefined for messages that are not traced. */
  start(message: NatsMessage): Processing | undefined {
    const kind = hasReply(message) ? 'server' : 'consumer';
    const destination = this.fixed ? this.fixed[kind] : this.destinations[kind].get(message.subject);
    if (!destination) return undefined;
    const sender = senderOf(new IncomingHeaders(message));
    const { tracer, linksSenders } = this.tracing;
    let parent = sender;
    let { options } = destination as { options: Parameters<typeof tracer.startSpan>[1] };
    if (linksSenders) {
      const related = relate(sender, true);
      parent = related.parent;
      if (related.links) options = { ...options, links: related.links };
    }
    const span = tracer.startSpan(destination.name, options, parent);
    const processing = new Processing(span, withSpan(parent, span), this);
    watchAnswer(message, processing);
    this.tracing.announce(span, 'process', destination.subject, message);
    return processing;
  }

  /** The subscription itself failed: refused by the server, or no message within its timeout. */
  failed(error: unknown): void {
    const destination = this.destinations.consumer.get(this.subject);
    if (!destination) return;
    const span: Span = this.tracing.tracer.startSpan(destination.name, destination.options);
    recordFailure(span, error);
    span.end();
  }
}
