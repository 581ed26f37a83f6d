import { performance } from 'node:perf_hooks';

/**
 * The process's clock for spans: nanoseconds since {@link ORIGIN_NS}, as a double that stays exact for 104 days of uptime.
 * It runs on the monotonic clock, a little faster or slower to follow the wall clock, so it never runs backwards.
 */
const MAX_SLEW = 0.001;
const STEP_NS = 1e9;

/** Unix time of the clock's zero, ns. */
export const ORIGIN_NS = BigInt(Math.round(performance.timeOrigin * 1e6));

const originMs = performance.timeOrigin;
const originSeconds = Number(ORIGIN_NS / 1_000_000_000n);
const originRestNs = Number(ORIGIN_NS % 1_000_000_000n);
let base = 0;
let monotonicBase = 0;
let rate = 1;

function at(monotonic: number): number {
  return Math.round(base + (monotonic - monotonicBase) * rate);
}

/** Now, in ns since {@link ORIGIN_NS}; never less than at an earlier call in this process. */
export function now(): number {
  return at(performance.now() * 1e6);
}

/**
 * Draws the clock to the wall clock, at most 0.1 % faster or slower than time, so that durations stay true; a wall clock
 * more than a second ahead (a machine that slept) is followed at once. Called by the exporter with every batch.
 */
export function syncClock(wallMs = Date.now()): void {
  const monotonic = performance.now() * 1e6;
  const current = at(monotonic);
  const ahead = (wallMs - originMs) * 1e6 - current;
  const step = ahead > STEP_NS;
  base = current + (step ? Math.round(ahead) : 0);
  monotonicBase = monotonic;
  rate = step ? 1 : 1 + Math.max(-MAX_SLEW, Math.min(MAX_SLEW, ahead / STEP_NS));
}

/** Times that `otel_traces` can hold and sort by: those of its DateTime, which ends in 2106. */
const MIN_CLOCK = -Number(ORIGIN_NS);
const MAX_CLOCK = MIN_CLOCK + (2 ** 32 - 1) * 1e9;

/** Unix time in ns of a clock value; one that no clock shows is moved to the nearest that can be stored. */
export function toUnixNs(clock: number): bigint {
  const storable = Math.min(MAX_CLOCK, Math.max(MIN_CLOCK, clock));
  return ORIGIN_NS + BigInt(Math.round(storable) || 0);
}

function toClock(time: number | Date | [number, number]): number {
  if (Array.isArray(time)) return (time[0] - originSeconds) * 1e9 + (time[1] - originRestNs);
  // as in OpenTelemetry: a number that performance.now() has reached is one of its values
  if (typeof time === 'number' && time <= performance.now()) return at(time * 1e6);
  return Math.round((Number(time) - originMs) * 1e6);
}

/**
 * OpenTelemetry's TimeInput as a clock value: epoch or performance milliseconds, a Date, or [seconds, ns].
 * What is no time, or none between 1970 and 2106, is now: a span with a wrong time is better than no span.
 */
export function fromTimeInput(time: number | Date | [number, number]): number {
  // as a number, null would be 1970
  const clock = time === (null as unknown) ? NaN : Math.round(toClock(time));
  return clock >= MIN_CLOCK && clock <= MAX_CLOCK ? clock : now();
}
