import { TraceFlags, type Attributes } from '@opentelemetry/api';
import { W3CTraceState } from '../propagation/trace-state.js';
import { ROOT_FLAGS } from '../propagation/traceparent.js';
import { traceIdOf, type TraceWords } from '../trace/ids.js';
import { KeepBudget } from './keep-budget.js';

/** What the root of a trace decides for all of it. */
export interface HeadDecision {
  readonly flags: number;
  readonly state: W3CTraceState | undefined;
}

/** A ratio for the traces that start at an agent, or with a message to a destination. */
export interface HeadRule {
  /** The root span's `gen_ai.agent.name`. */
  agent?: string;
  /** Its `messaging.destination.name` or template. */
  destination?: string;
  ratio: number;
}

export interface HeadOptions {
  /** Share of the traces to sample, 0 to 1. */
  ratio: number;
  /** The first rule that fits a root span gives its ratio. */
  rules: readonly HeadRule[];
  /** Sampled traces that may start here per second; beyond it the ratio is lowered, and weights with it. */
  tracesPerSecond: number;
}

const RANDOM_BITS = 56;
const RANDOM_HEX_DIGITS = RANDOM_BITS / 4;
const LOW_HEX_DIGITS = 8;
const HIGH_MASK = 0xffffff;
const UNSAMPLED: HeadDecision = { flags: ROOT_FLAGS, state: undefined };

/**
 * The rejection threshold of a ratio over 0 as `ot=th` writes it: 56 bits in hex, without trailing zeros. It rejects all but one of
 * the 2^56 values at most, whatever rounding makes of a tiny ratio.
 */
export function thresholdOf(ratio: number): string {
  const accepted = BigInt(Math.max(1, Math.round(ratio * 2 ** RANDOM_BITS)));
  const rejected = (1n << BigInt(RANDOM_BITS)) - accepted;
  return rejected.toString(16).padStart(RANDOM_HEX_DIGITS, '0').replace(/0+$/, '') || '0';
}

/** The number that a word's four bytes write, the first one first. */
function bigEndian(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** One ratio, ready to decide. */
class Ratio {
  /** The threshold's 56 bits: the first 24, and the last 32. */
  private readonly high: number;
  private readonly low: number;
  readonly sampled: HeadDecision;

  constructor(readonly ratio: number) {
    const threshold = thresholdOf(ratio);
    const digits = threshold.padEnd(RANDOM_HEX_DIGITS, '0');
    this.high = Number.parseInt(digits.slice(0, -LOW_HEX_DIGITS), 16);
    this.low = Number.parseInt(digits.slice(-LOW_HEX_DIGITS), 16);
    const state = W3CTraceState.empty.set('ot', `th:${threshold}`);
    this.sampled = { flags: ROOT_FLAGS | TraceFlags.SAMPLED, state };
  }

  samples({ trace2, trace3 }: TraceWords): boolean {
    if (this.ratio === 0) return false;
    if (this.ratio === 1) return true;
    const high = bigEndian(trace2) & HIGH_MASK;
    return high > this.high || (high === this.high && bigEndian(trace3) >= this.low);
  }
}

/**
 * Consistent probability sampling (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/):
 * a trace is sampled when the low 56 bits of its id are at or over the threshold, so every process agrees.
 */
export class HeadSampler {
  private readonly standard: Ratio;
  private readonly rules: { rule: HeadRule; ratio: Ratio }[];
  private readonly limit: KeepBudget | undefined;
  /** Ratios that the limit lowered to: powers of two, so there are few. */
  private readonly lowered = new Map<number, Ratio>();

  constructor({ ratio, rules, tracesPerSecond }: HeadOptions) {
    this.standard = new Ratio(ratio);
    this.rules = rules.map((rule) => ({ rule, ratio: new Ratio(rule.ratio) }));
    this.limit = tracesPerSecond === Infinity ? undefined : new KeepBudget(tracesPerSecond);
  }

  /** @param attributes those that the root span starts with */
  decide(trace: TraceWords, attributes: Attributes): HeadDecision {
    const ratio = this.rules.length === 0 ? this.standard : this.ratioFor(attributes);
    if (!ratio.samples(trace)) return UNSAMPLED;
    if (!this.limit) return ratio.sampled;
    const share = this.limit.admit(traceIdOf(trace), performance.now());
    if (share === 0) return UNSAMPLED;
    return share >= ratio.ratio ? ratio.sampled : this.loweredTo(share).sampled;
  }

  private ratioFor(attributes: Attributes): Ratio {
    const name = attributes['messaging.destination.name'];
    const template = attributes['messaging.destination.template'];
    for (const { rule, ratio } of this.rules) {
      if (rule.agent !== undefined && rule.agent !== attributes['gen_ai.agent.name']) continue;
      if (rule.destination !== undefined && rule.destination !== name && rule.destination !== template) continue;
      return ratio;
    }
    return this.standard;
  }

  private loweredTo(share: number): Ratio {
    let ratio = this.lowered.get(share);
    if (!ratio) this.lowered.set(share, (ratio = new Ratio(share)));
    return ratio;
  }
}
