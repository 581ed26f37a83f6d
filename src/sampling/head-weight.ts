import type { TraceState } from '@opentelemetry/api';

const RANGE = 2 ** 56;
/** A stranger's threshold may round to all traces but none. */
const MAX_WEIGHT = 1e9;
const MAX_CACHED = 256;
const weights = new Map<string, number>();
/** Most spans have the state that the one before them had. */
let lastState: TraceState | undefined;
let lastWeight = 1;

function parse(ot: string): number {
  const threshold = /(?:^|;)th:([0-9a-f]{1,14})(?:;|$)/.exec(ot)?.[1];
  if (threshold === undefined) return 1;
  return Math.min(MAX_WEIGHT, RANGE / (RANGE - Number.parseInt(threshold.padEnd(14, '0'), 16)));
}

/** How many traces a head-sampled one stands for: 1/ratio of the process that decided, from `ot=th` in its tracestate. */
export function headWeight(state: TraceState | undefined): number {
  if (state === lastState) return lastWeight;
  lastState = state;
  return (lastWeight = weightOf(state?.get('ot')));
}

function weightOf(ot: string | undefined): number {
  if (ot === undefined) return 1;
  let weight = weights.get(ot);
  if (weight === undefined) {
    weight = parse(ot);
    if (weights.size >= MAX_CACHED) weights.clear();
    weights.set(ot, weight);
  }
  return weight;
}
