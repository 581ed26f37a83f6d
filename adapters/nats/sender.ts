import { context, SpanKind, type Context, type Span } from '@opentelemetry/api';
import { giveStack, maySpareStacks, withoutStacks } from './call-stack.js';
import { ClientCode } from './client-code.js';
import type { ConnectionTracing } from './connection-tracing.js';
import type { Destination, Destinations } from './destination.js';
import { recordFailure } from './failures.js';
import { OutgoingContext } from './outgoing-context.js';
import { AckedSubjects } from './publish-ack.js';
import { Refusals } from './refusals.js';
import { inspectReply } from './reply.js';
import { observeReplies } from './request-many.js';
import type {
  NatsConnectionLike,
  NatsIterator,
  NatsMessage,
  NatsOutgoingMessage,
  NatsPublishOptions,
  NatsRequestOptions,
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
  private readonly outgoing: OutgoingContext;
  private readonly code: ClientCode;

  constructor(
    private readonly nc: NatsConnectionLike,
    private readonly tracing: ConnectionTracing,
    private readonly onConsumerInfo: (reply: NatsMessage) => void,
  ) {
    this.publishes = tracing.destinations({ operation: 'publish', type: 'send', kind: SpanKind.PRODUCER });
    this.requests = tracing.destinations({ operation: 'request', type: 'send', kind: SpanKind.CLIENT });
    this.refusals = new Refusals(tracing, this.publishes);
    this.outgoing = new OutgoingContext(nc);
    this.code = new ClientCode(nc);
  }

  publish(subject: string, payload?: Payload, given?: NatsPublishOptions): void {
    const destination = this.publishes.get(subject);
    if (!destination) return this.nc.publish(subject, payload, given);
    const active = context.active();
    const span = this.start(destination, active, 'publish');
    destination.last = span;
    try {
      // no options may also be null, to the clients, in a publish only
      this.nc.publish(subject, payload, this.outgoing.carry(span, active, payload, given ?? undefined));
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
    let asked: Error | undefined;
    const fail = (error: unknown): never => {
      if (asked) giveStack(error, asked);
      return this.fail(span, error);
    };
    try {
      const carried = this.outgoing.carry(span, active, payload, given);
      if (this.takesStacks(given, carried)) asked = new Error();
      const answer = asked
        ? withoutStacks(() => this.nc.request(subject, payload, carried))
        : this.nc.request(subject, payload, carried);
      return answer.then((reply) => {
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
        .requestMany(subject, payload, this.outgoing.carry(span, active, payload, given))
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
  private takesStacks(given: NatsRequestOptions | undefined, carried: NatsRequestOptions | undefined): boolean {
    // reading options that are not our copy may run code of the program's, such as the encoding of its headers
    if (given !== undefined && carried === given) return false;
    // without the shared inbox, what a request that was never sent leaves behind fails later, where nobody sees it
    if (carried?.noMux) return false;
    return !this.nc.protocol?.options?.noAsyncTraces && this.code.isPlain && maySpareStacks();
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
}

function optionsOf({ reply, headers }: NatsOutgoingMessage): NatsPublishOptions {
  return { ...(reply !== undefined && { reply }), ...(headers !== undefined && { headers }) };
}
