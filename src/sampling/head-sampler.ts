import { TraceFlags, type Attributes } from '@opentelemetry/api';
import { W3CTraceState } from '../propagation/trace-state.js';
import { ROOT_FLAGS } from '../propagation/traceparent.js';
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

const RANDOM_HEX_DIGITS = 14;
const UNSAMPLED: HeadDecision = { flags: ROOT_FLAGS, state: undefined };

/** The rejection threshold of a ratio as `ot=th` writes it: 56 bits in hex, without trailing zeros. */
export function thresholdOf(ratio: number): string {
  const rejected = BigInt(Math.round((1 - ratio) * 2 ** 53)) << 3n;
  return rejected.toString(16).padStart(RANDOM_HEX_DIGITS, '0').replace(/0+$/, '') || '0';
}

/** One ratio, ready to decide. */
class Ratio {
  private readonly threshold: string;
  readonly sampled: HeadDecision;

  constructor(readonly ratio: number) {
    const threshold = thresholdOf(ratio);
    this.threshold = threshold.padEnd(RANDOM_HEX_DIGITS, '0');
    const state = W3CTraceState.empty.set('ot', `th:${threshold}`);
    this.sampled = { flags: ROOT_FLAGS | TraceFlags.SAMPLED, state };
  }

  samples(traceId: string): boolean {
    if (this.ratio === 0) return false;
    // hex digits sort as the numbers they write
    return this.ratio === 1 || traceId.slice(-RANDOM_HEX_DIGITS) >= this.threshold;
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
  decide(traceId: string, attributes: Attributes): HeadDecision {
    const ratio = this.rules.length === 0 ? this.standard : this.ratioFor(attributes);
    if (!ratio.samples(traceId)) return UNSAMPLED;
    if (!this.limit) return ratio.sampled;
    const share = this.limit.admit(traceId, performance.now());
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
