import { trace, TraceFlags, type Attributes, type Context, type Link, type SpanKind } from '@opentelemetry/api';
import type { TraceState } from '@opentelemetry/api';
import type { HeadSampler } from '../sampling/head-sampler.js';
import { traceWordsOf } from '../trace/ids.js';

/** The SDK's `SamplingDecision.RECORD`: recorded for us to keep when something happens, sampled for nobody else. */
const RECORD = 1;
const RECORD_AND_SAMPLED = 2;

export interface SdkSamplingResult {
  decision: 1 | 2;
  traceState?: TraceState;
}

/**
 * Our head sampling as a `Sampler` of the SDK: every span is recorded, so that a trace can still be kept whole when something
 * happens; those of the ratio are also sampled, for us and for every other processor.
 */
export class SdkHeadSampler {
  constructor(private readonly head: HeadSampler) {}

  shouldSample(
    context: Context,
    traceId: string,
    _name: string,
    _kind: SpanKind,
    attributes: Attributes,
    _links: Link[],
  ): SdkSamplingResult {
    const parent = trace.getSpanContext(context);
    // the SDK gives a child its parent's trace id, and a root a new one
    if (parent?.traceId === traceId) {
      const decision = parent.traceFlags & TraceFlags.SAMPLED ? RECORD_AND_SAMPLED : RECORD;
      return { decision, ...(parent.traceState && { traceState: parent.traceState }) };
    }
    const { flags, state } = this.head.decide(traceWordsOf(traceId), attributes);
    return { decision: flags & TraceFlags.SAMPLED ? RECORD_AND_SAMPLED : RECORD, ...(state && { traceState: state }) };
  }

  toString(): string {
    return 'SpanbusSampler';
  }
}
