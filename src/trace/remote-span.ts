import { INVALID_SPAN_CONTEXT, type Span, type SpanContext, type TraceState } from '@opentelemetry/api';
import { spanIdText, traceIdOf, WORD_LENGTH, wordOf, type TraceIds } from './ids.js';

/** A span that is not ours: carries ids, records nothing. */
export class RemoteSpan implements Span, TraceIds {
  /** @param isRemote whether it came from another process */
  constructor(
    readonly trace0: number,
    readonly trace1: number,
    readonly trace2: number,
    readonly trace3: number,
    readonly span0: number,
    readonly span1: number,
    readonly traceFlags: number,
    /** Filled in by who reads it after the ids. */
    public traceState: TraceState | undefined,
    private readonly isRemote: boolean,
  ) {}

  static of({ traceId, spanId, traceFlags, traceState, isRemote = false }: SpanContext): RemoteSpan {
    return new RemoteSpan(
      wordOf(traceId, 0),
      wordOf(traceId, WORD_LENGTH),
      wordOf(traceId, 2 * WORD_LENGTH),
      wordOf(traceId, 3 * WORD_LENGTH),
      wordOf(spanId, 0),
      wordOf(spanId, WORD_LENGTH),
      traceFlags,
      traceState,
      isRemote,
    );
  }

  spanContext(): SpanContext {
    const { traceFlags, traceState, isRemote } = this;
    const traceId = traceIdOf(this);
    const spanId = spanIdText(this.span0, this.span1);
    return { traceId, spanId, traceFlags, ...(isRemote && { isRemote }), ...(traceState && { traceState }) };
  }

  setAttribute(): this {
    return this;
  }
  setAttributes(): this {
    return this;
  }
  addEvent(): this {
    return this;
  }
  addLink(): this {
    return this;
  }
  addLinks(): this {
    return this;
  }
  setStatus(): this {
    return this;
  }
  updateName(): this {
    return this;
  }
  end(): void {}
  isRecording(): boolean {
    return false;
  }
  recordException(): void {}
}

/** What a suppressed context gets for a span. */
export const NO_SPAN = RemoteSpan.of(INVALID_SPAN_CONTEXT);
