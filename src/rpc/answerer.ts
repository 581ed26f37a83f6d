import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Context,
  type TextMapGetter,
  type Tracer,
} from '@opentelemetry/api';
import { withSpan } from '../trace/context.js';
import { keepHub } from '../sampling/keep-hub.js';
import { KEEP_HEADER } from '../sampling/keep-message.js';
import { recordError } from '../trace/record-error.js';
import { headerOf, ID, remainingFrom, writeReply, type GetHeader, type Reply } from './headers.js';
import type { RequestHandler, RpcData, RpcRequest } from './rpc.js';
import { SpanTemplates } from './spans.js';
import type { IncomingRequest, RpcTransport } from './transport.js';

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

const getter: TextMapGetter<GetHeader> = { get: (get, key) => get(key), keys: () => [] };

/** What a handler sees. The signal is made when it is asked for: most handlers are done before their time is up. */
class HandledRequest implements RpcRequest {
  private readonly received = performance.now();
  private aborts: AbortSignal | undefined;

  constructor(
    readonly destination: string,
    readonly data: Uint8Array,
    private readonly timeMs: number,
  ) {}

  text(): string {
    return Buffer.from(this.data.buffer, this.data.byteOffset, this.data.byteLength).toString();
  }

  remainingMs(): number {
    return Math.max(0, this.timeMs - (performance.now() - this.received));
  }

  get signal(): AbortSignal {
    return (this.aborts ??= AbortSignal.timeout(Math.ceil(Math.min(this.remainingMs(), MAX_TIMEOUT_MS))));
  }
}

const isMany = (value: unknown): value is AsyncIterable<RpcData> =>
  typeof (value as AsyncIterable<RpcData> | undefined)?.[Symbol.asyncIterator] === 'function';

const bytesOf = (data: RpcData | undefined | void): Uint8Array =>
  typeof data === 'string' ? Buffer.from(data) : (data ?? new Uint8Array());

function errorReply(error: unknown): Reply {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { status: 'error', type: name, message };
}

/** The answering half of an Rpc. */
export class RpcAnswerer {
  expiredRequests = 0;
  private readonly served: SpanTemplates;
  private readonly consumed: SpanTemplates;
  private readonly tracer: Tracer = trace.getTracer('spanbus/rpc');

  constructor(transport: RpcTransport) {
    this.served = new SpanTemplates('process', SpanKind.SERVER, transport);
    this.consumed = new SpanTemplates('process', SpanKind.CONSUMER, transport);
  }

  /** Handles one request and answers it; never rejects. */
  async answer(destination: string, handler: RequestHandler, incoming: IncomingRequest): Promise<void> {
    const { header, data, ageMs } = incoming;
    const time = remainingFrom(header, ageMs);
    // only a bus that queues and knows the time can tell; elsewhere a clock that is wrong would cost every request
    if (time === 0 && ageMs !== undefined) {
      this.expiredRequests++;
      return;
    }
    const parent = propagation.extract(ROOT_CONTEXT, header, getter);
    const { name, options } = (incoming.reply ? this.served : this.consumed).get(destination);
    const span = this.tracer.startSpan(name, options, parent);
    const own = withSpan(parent, span);
    const id = headerOf(header, ID);
    let sent = 0;
    const reply = async (outcome: Reply): Promise<void> => {
      const message = writeReply(id, outcome, sent > 0 || outcome.status === 'more' ? sent++ : undefined);
      const mark = keepHub().mark(span);
      if (mark !== undefined) message.headers[KEEP_HEADER] = mark;
      await incoming.reply?.(message.headers, message.data);
    };
    try {
      const result = await context.with(own, handler, undefined, new HandledRequest(destination, data, time));
      if (isMany(result)) await replyMany(own, result, reply);
      else await reply({ status: 'last', data: bytesOf(result) });
    } catch (error) {
      recordError(span, error);
      // before the reply, which tells the caller if the trace is kept for it
      span.end();
      // a reply that cannot be sent is the caller's timeout
      await reply(errorReply(error)).catch(() => {});
    } finally {
      span.end();
    }
  }
}

async function replyMany(
  own: Context,
  many: AsyncIterable<RpcData>,
  reply: (outcome: Reply) => Promise<void>,
): Promise<void> {
  const iterator = context.with(own, () => many[Symbol.asyncIterator]());
  for (;;) {
    // a generator's body runs in the context of whoever asks it to go on
    const turn = await context.with(own, () => iterator.next());
    if (turn.done) return reply({ status: 'end' });
    await reply({ status: 'more', data: bytesOf(turn.value) });
  }
}
