import { randomBytes } from 'node:crypto';
import { context, defaultTextMapSetter, propagation, SpanKind, trace, type Tracer } from '@opentelemetry/api';
import { recordBody } from '../content/record-body.js';
import { InvalidOptionError } from '../errors.js';
import { keepHub } from '../sampling/keep-hub.js';
import { KEEP_HEADER } from '../sampling/keep-message.js';
import { withSpan } from '../trace/context.js';
import { NoRespondersError, RequestTimeoutError, RpcClosedError } from './errors.js';
import { readReply, seqOf, writeRequestHeaders, type RpcHeaders } from './headers.js';
import { Replies } from './replies.js';
import type { RequestOptions, RpcData } from './rpc.js';
import { SpanTemplates } from './spans.js';
import type { IncomingReply, RpcTransport } from './transport.js';

const DEFAULT_TIMEOUT_MS = 1000;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

const bytesOf = (data: RpcData): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : data);

/** The sending half of an Rpc. */
export class RpcCaller {
  lateReplies = 0;
  private readonly waiting = new Map<string, Replies>();
  private readonly templates: SpanTemplates;
  private readonly tracer: Tracer = trace.getTracer('spanbus/rpc');
  /** Ids of one caller share a random start, so that no two callers' meet. */
  private readonly prefix = randomBytes(9).toString('base64url');
  private count = 0;
  private opened: Promise<void> | undefined;

  constructor(private readonly transport: RpcTransport) {
    this.templates = new SpanTemplates('request', SpanKind.CLIENT, transport);
  }

  async request(destination: string, data: RpcData, options: RequestOptions = {}): Promise<Uint8Array> {
    const replies = this.requestMany(destination, data, options, true);
    const first = await replies.next();
    return first.done ? new Uint8Array() : first.value;
  }

  /** @param single end at the first reply */
  requestMany(
    destination: string,
    data: RpcData,
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: RequestOptions = {},
    single = false,
  ): AsyncIterableIterator<Uint8Array> {
    if (!(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
      throw new InvalidOptionError('timeoutMs', `${timeoutMs} is not a number of milliseconds above 0`);
    }
    const id = `${this.prefix}${(++this.count).toString(36)}`;
    const active = context.active();
    const { name, options } = this.templates.get(destination);
    const span = this.tracer.startSpan(name, options, active);
    const headers: RpcHeaders = {};
    recordBody(span, data);
    propagation.inject(withSpan(active, span), headers, defaultTextMapSetter);
    writeRequestHeaders(headers, id, timeoutMs);
    const replies = new Replies(destination, span, single, () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      this.waiting.delete(id);
    });
    const aborted = (): void => replies.fail(signal!.reason);
    const timer = setTimeout(() => replies.fail(new RequestTimeoutError(destination, timeoutMs)), timeoutMs);
    if (signal?.aborted) {
      aborted();
      return replies;
    }
    signal?.addEventListener('abort', aborted, { once: true });
    this.waiting.set(id, replies);
    this.send(destination, id, headers, bytesOf(data)).catch((error: unknown) => replies.fail(error));
    return replies;
  }

  close(): void {
    for (const waiting of [...this.waiting.values()]) waiting.fail(new RpcClosedError());
  }

  private async send(destination: string, id: string, headers: RpcHeaders, data: Uint8Array): Promise<void> {
    this.opened ??= this.transport.openReplies((reply) => this.receive(reply));
    try {
      await this.opened;
    } catch (error) {
      // the next request tries again
      this.opened = undefined;
      throw error;
    }
    // cancelled while the first request was getting ready for replies
    if (!this.waiting.has(id)) return;
    const receivers = await this.transport.send(destination, id, headers, data);
    if (receivers === 0) throw new NoRespondersError(destination);
  }

  private receive({ id, header, data, nobody }: IncomingReply): void {
    const waiting = id === undefined ? undefined : this.waiting.get(id);
    if (!waiting) this.lateReplies++;
    else if (nobody) waiting.fail(new NoRespondersError(waiting.destination));
    else {
      const mark = header(KEEP_HEADER);
      if (typeof mark === 'string') keepHub().hear(waiting.traceId, mark);
      waiting.receive(readReply(header, data), seqOf(header));
    }
  }
}
