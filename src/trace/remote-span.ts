import { INVALID_SPAN_CONTEXT, type Span, type SpanContext, type TraceState } from '@opentelemetry/api';
import { SPAN_ID_LENGTH, TRACE_ID_LENGTH, type TraceIds } from './ids.js';

/** A span that is not ours: carries ids, records nothing. */
export class RemoteSpan implements Span, TraceIds {
  /** @param isRemote whether it came from another process */
  constructor(
    readonly traceText: string,
    readonly traceAt: number,
    readonly spanText: string,
    readonly spanAt: number,
    readonly traceFlags: number,
    readonly traceState: TraceState | undefined,
    private readonly isRemote: boolean,
  ) {}

  static of({ traceId, spanId, traceFlags, traceState, isRemote = false }: SpanContext): RemoteSpan {
    return new RemoteSpan(traceId, 0, spanId, 0, traceFlags, traceState, isRemote);
  }

  spanContext(): SpanContext {
    const { traceFlags, traceState, isRemote } = this;
    const traceId = this.traceText.slice(this.traceAt, this.traceAt + TRACE_ID_LENGTH);
    const spanId = this.spanText.slice(this.spanAt, this.spanAt + SPAN_ID_LENGTH);
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
