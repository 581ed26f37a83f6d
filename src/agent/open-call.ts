import { context as contextApi, SpanStatusCode, type Context, type Span } from '@opentelemetry/api';
import { recordError } from '../trace/record-error.js';
import { attempt } from './ignored.js';

const TIME_TO_FIRST_CHUNK = 'gen_ai.response.time_to_first_chunk';
/** Chunks that are remembered for whoever wants the whole answer. */
const MAX_CHUNKS = 10_000;

/** Spans of streams that nobody read to their end: they end when the stream is garbage, at the time of its last chunk. */
const abandoned = new FinalizationRegistry<OpenCall>((call) => call.abandon());

/** Sees the value a call returned, or the chunks it streamed, before its span ends. */
export type OnValue = (span: Span, value: unknown) => void;

/** A traced call that is not over yet: ends its span once, in whichever way the result comes. */
export class OpenCall {
  private ended = false;
  private lastChunkAt: number | undefined;
  private readonly startedAt = performance.now();
  private chunks: unknown[] | undefined;

  constructor(
    private readonly span: Span,
    readonly context: Context,
    private readonly onValue?: OnValue,
  ) {}

  /** Runs a part of the call's work as part of its span. */
  run<T>(work: () => T): T {
    return contextApi.with(this.context, work);
  }

  /** The result comes later. @param handle what its reader holds until then, instead of the handle named before */
  awaits(handle: object): void {
    abandoned.unregister(this);
    if (!this.ended) abandoned.register(handle, this, this);
  }

  /** Somebody waits for the result, and it will settle: no handle has to be held for that. */
  isAwaited(): void {
    abandoned.unregister(this);
  }

  chunk(value: unknown): void {
    if (this.ended) return;
    if (this.lastChunkAt === undefined) {
      this.span.setAttribute(TIME_TO_FIRST_CHUNK, (performance.now() - this.startedAt) / 1000);
      this.span.setAttribute('gen_ai.request.stream', true);
    }
    this.lastChunkAt = Date.now();
    if (this.onValue && (this.chunks ??= []).length < MAX_CHUNKS) this.chunks.push(value);
  }

  succeed(value: unknown = this.chunks): void {
    if (this.ended) return;
    const { onValue } = this;
    if (onValue) attempt('a result', () => onValue(this.span, value));
    this.end();
  }

  fail(error: unknown): void {
    if (this.ended) return;
    // anything can be thrown, also what cannot be looked at
    this.span.setStatus({ code: SpanStatusCode.ERROR });
    attempt('an error', () => recordError(this.span, error));
    this.end();
  }

  abandon(): void {
    if (!this.ended) this.end(this.lastChunkAt);
  }

  private end(at?: number): void {
    this.ended = true;
    abandoned.unregister(this);
    this.span.end(at);
  }
}
