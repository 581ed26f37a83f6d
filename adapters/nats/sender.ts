import { context, diag, propagation, SpanKind, type Context, type Span } from '@opentelemetry/api';
import { recordBody, withSpan } from '../../src/index.js';
import { giveStack, maySpareStacks, withoutStacks } from './call-stack.js';
import type { ConnectionTracing } from './connection-tracing.js';
import type { Destination, Destinations } from './destination.js';
import { recordFailure } from './failures.js';
import { headerSetter, OutgoingHeaders } from './outgoing-headers.js';
import { AckedSubjects } from './publish-ack.js';
import { Refusals } from './refusals.js';
import { inspectReply } from './reply.js';
import { observeReplies } from './request-many.js';
import { countOmitted } from './stats.js';
import type {
  NatsConnectionLike,
  NatsIterator,
  NatsMessage,
  NatsOutgoingMessage,
  NatsPublishOptions,
  NatsRequestOptions,
  NatsServerInfo,
  Payload,
} from './types.js';

/** Requests of JetStream's clients whose answers tell how a consumer is configured. */
const CONSUMER_API = /^\$JS\.(?:.+\.)?API\.CONSUMER\.(?:CREATE|DURABLE|INFO)\./;

/** Sends messages with a span each, whose context travels in their headers. */
export class Sender {
  readonly refusals: Refusals;
  private readonly publishes: Destinations;
  private readonly requests: Destinations;
  private readonly acked = new AckedSubjects();
  private info: NatsServerInfo | undefined;

  constructor(
    private readonly nc: NatsConnectionLike,
    private readonly tracing: ConnectionTracing,
    private readonly onConsumerInfo: (reply: NatsMessage) => void,
  ) {
    this.publishes = tracing.destinations({ operation: 'publish', type: 'send', kind: SpanKind.PRODUCER });
    this.requests = tracing.destinations({ operation: 'request', type: 'send', kind: SpanKind.CLIENT });
    this.refusals = new Refusals(tracing, this.publishes);
  }

  publish(subject: string, payload?: Payload, given?: NatsPublishOptions): void {
    const destination = this.publishes.get(subject);
    if (!destination) return this.nc.publish(subject, payload, given);
    const active = context.active();
    const span = this.start(destination, active, 'publish');
    destination.last = span;
    try {
      this.nc.publish(subject, payload, this.carry(span, active, payload, given));
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  publishMessage(message: NatsOutgoingMessage): void {
    this.publish(message.subject, message.data, optionsOf(message));
  }

  respondMessage(message: NatsOutgoingMessage): boolean {
    if (!message.reply) return false;
    this.publish(message.reply, message.data, optionsOf(message));
    return true;
  }

  request(subject: string, payload?: Payload, given?: NatsRequestOptions): Promise<NatsMessage> {
    const destination = this.requests.get(subject);
    if (!destination) return this.requestUntraced(subject, payload, given);
    const active = context.active();
    // JetStream publishes by request: its answer is the server's, not an agent's
    const publish = this.acked.expects(subject, given) ? this.publishes.get(subject) : undefined;
    const span = this.start(publish ?? destination, active, publish ? 'publish' : 'request');
    const asked = this.takesStacks() ? new Error() : undefined;
    const fail = (error: unknown): never => {
      if (asked) giveStack(error, asked);
      return this.fail(span, error);
    };
    try {
      const carried = this.carry(span, active, payload, given);
      const ask = () => this.nc.request(subject, payload, carried);
      return (asked ? withoutStacks(ask) : ask()).then((reply) => {
        inspectReply(span, reply);
        const isAck = this.acked.learn(subject, reply, span);
        if (isAck !== (publish !== undefined)) this.rename(span, subject, isAck);
        span.end();
        return reply;
      }, fail);
    } catch (error) {
      return fail(error);
    }
  }

  requestMany(subject: string, payload?: Payload, given?: NatsRequestOptions): Promise<NatsIterator<NatsMessage>> {
    const destination = this.requests.get(subject);
    if (!destination) return this.nc.requestMany(subject, payload, given);
    const active = context.active();
    const span = this.start(destination, active, 'request');
    const fail = (error: unknown): never => this.fail(span, error);
    try {
      return this.nc
        .requestMany(subject, payload, this.carry(span, active, payload, given))
        .then((replies) => observeReplies(span, replies), fail);
    } catch (error) {
      return fail(error);
    }
  }

  private requestUntraced(subject: string, payload?: Payload, given?: NatsRequestOptions): Promise<NatsMessage> {
    const answer = this.nc.request(subject, payload, given);
    if (typeof subject !== 'string' || !CONSUMER_API.test(subject)) return answer;
    return answer.then((reply) => {
      this.onConsumerInfo(reply);
      return reply;
    });
  }

  /** Whether the client makes stacks for a request, which one can stand for, and nobody else's code runs in making it. */
  private takesStacks(): boolean {
    return !this.nc.protocol?.options?.noAsyncTraces && !Object.hasOwn(this.nc, 'request') && maySpareStacks();
  }

  private start(destination: Destination, active: Context, operation: 'publish' | 'request'): Span {
    const span = this.tracing.tracer.startSpan(destination.name, destination.options, active);
    this.tracing.announce(span, operation, destination.subject);
    return span;
  }

  private fail(span: Span, error: unknown): never {
    recordFailure(span, error, this.nc.isClosed());
    span.end();
    throw error;
  }

  /** The guess whether a request was a JetStream publish was wrong. */
  private rename(span: Span, subject: string, isAck: boolean): void {
    const right = (isAck ? this.publishes : this.requests).get(subject);
    if (right) span.updateName(right.name).setAttributes(right.options.attributes);
  }

  /**
   * The options with the span's context in their headers; those given, untouched, when there is nothing to carry, or the
   * server would not take it.
   */
  private carry<O extends NatsPublishOptions>(
    span: Span,
    active: Context,
    payload: Payload | undefined,
    given: O | undefined,
  ): O | undefined {
    recordBody(span, payload);
    const info = (this.info = this.nc.info ?? this.info);
    if (info && info.headers !== true) {
      countOmitted('no_header_support');
      return given;
    }
    const headers = new OutgoingHeaders(given?.headers);
    try {
      propagation.inject(withSpan(active, span), headers, headerSetter);
    } catch (error) {
      diag.error('spanbus: a propagator threw', error);
      return given;
    }
    if (headers.isEmpty) return given;
    const size = headers.encode().length;
    if (info?.max_payload !== undefined && !fits(size, payload, info.max_payload)) {
      countOmitted('max_payload');
      span.setAttribute('spanbus.headers_omitted', 'max_payload');
      return given;
    }
    return withHeaders(given, headers);
  }
}

/** A copy of the options, which the client may write to, with these headers. As fast as a spread is slow, here and in the client. */
function withHeaders<O extends NatsPublishOptions>(given: O | undefined, headers: OutgoingHeaders): O {
  const options: Record<string, unknown> = { headers };
  for (const key in given) if (key !== 'headers' && Object.hasOwn(given, key)) options[key] = given[key];
  return options as unknown as O;
}

/** Whether headers and payload are within the server's limit; strings are measured only when they may not be. */
function fits(headerBytes: number, payload: Payload | undefined, limit: number): boolean {
  if (payload === undefined) return headerBytes <= limit;
  if (typeof payload !== 'string') return headerBytes + payload.length <= limit;
  return headerBytes + payload.length * 3 <= limit || headerBytes + Buffer.byteLength(payload) <= limit;
}

function optionsOf({ reply, headers }: NatsOutgoingMessage): NatsPublishOptions {
  return { ...(reply !== undefined && { reply }), ...(headers !== undefined && { headers }) };
}
