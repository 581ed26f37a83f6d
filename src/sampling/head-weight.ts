import type { TraceState } from '@opentelemetry/api';

const RANGE = 2 ** 56;
/** A stranger's threshold may round to all traces but none. */
const MAX_WEIGHT = 1e9;
const MAX_CACHED = 256;
const weights = new Map<string, number>();

function parse(ot: string): number {
  const threshold = /(?:^|;)th:([0-9a-f]{1,14})(?:;|$)/.exec(ot)?.[1];
  if (threshold === undefined) return 1;
  return Math.min(MAX_WEIGHT, RANGE / (RANGE - Number.parseInt(threshold.padEnd(14, '0'), 16)));
}

/** How many traces a head-sampled one stands for: 1/ratio of the process that decided, from `ot=th` in its tracestate. */
export function headWeight(state: TraceState | undefined): number {
  const ot = state?.get('ot');
  if (ot === undefined) return 1;
  let weight = weights.get(ot);
  if (weight === undefined) {
    weight = parse(ot);
    if (weights.size >= MAX_CACHED) weights.clear();
    weights.set(ot, weight);
  }
  return weight;
}
