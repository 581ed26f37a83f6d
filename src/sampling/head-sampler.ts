import { TraceFlags } from '@opentelemetry/api';
import { W3CTraceState } from '../propagation/trace-state.js';
import { ROOT_FLAGS } from '../propagation/traceparent.js';

/** What the root of a trace decides for all of it. */
export interface HeadDecision {
  readonly flags: number;
  readonly state: W3CTraceState | undefined;
}

const RANDOM_HEX_DIGITS = 14;

/** The rejection threshold of a ratio as `ot=th` writes it: 56 bits in hex, without trailing zeros. */
export function thresholdOf(ratio: number): string {
  const rejected = BigInt(Math.round((1 - ratio) * 2 ** 53)) << 3n;
  return rejected.toString(16).padStart(RANDOM_HEX_DIGITS, '0').replace(/0+$/, '') || '0';
}

/**
 * Consistent probability sampling (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/):
 * a trace is sampled when the low 56 bits of its id are at or over the threshold, so every process agrees.
 */
export class HeadSampler {
  private readonly threshold: string;
  private readonly sampled: HeadDecision;
  private readonly unsampled: HeadDecision = { flags: ROOT_FLAGS, state: undefined };

  /** @param ratio share of the traces to sample, 0 to 1 */
  constructor(readonly ratio: number) {
    const threshold = thresholdOf(ratio);
    this.threshold = threshold.padEnd(RANDOM_HEX_DIGITS, '0');
    this.sampled = {
      flags: ROOT_FLAGS | TraceFlags.SAMPLED,
      state: W3CTraceState.empty.set('ot', `th:${threshold}`),
    };
  }

  decide(traceId: string): HeadDecision {
    if (this.ratio === 0) return this.unsampled;
    // hex digits sort as the numbers they write
    return this.ratio === 1 || traceId.slice(-RANDOM_HEX_DIGITS) >= this.threshold ? this.sampled : this.unsampled;
  }
}
