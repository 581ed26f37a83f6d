import { performance } from 'node:perf_hooks';

/**
 * The process's clock for spans: nanoseconds since {@link ORIGIN_NS}, as a double that stays exact for 104 days of uptime.
 * It runs on the monotonic clock and follows the wall clock slowly, so it never runs backwards.
 */
const MAX_SLEW = 0.001;
const STEP_NS = 1e9;

/** Unix time of the clock's zero, ns. */
export const ORIGIN_NS = BigInt(Math.round(performance.timeOrigin * 1e6));

const originMs = performance.timeOrigin;
let offsetNs = 0;
let lastSyncNs = 0;

/** Now, in ns since {@link ORIGIN_NS}; never less than at an earlier call in this process. */
export function now(): number {
  return Math.round(performance.now() * 1e6) + offsetNs;
}

/**
 * Draws the clock to the wall clock: by at most 0.1 % of the time since the last call, so that durations stay true;
 * a wall clock more than a second ahead (a machine that slept) is followed at once. Called by the exporter's timer.
 */
export function syncClock(wallMs = Date.now()): void {
  const monotonic = performance.now() * 1e6;
  const ahead = (wallMs - originMs) * 1e6 - (monotonic + offsetNs);
  const slew = (monotonic - lastSyncNs) * MAX_SLEW;
  lastSyncNs = monotonic;
  offsetNs += Math.round(ahead > STEP_NS ? ahead : Math.max(-slew, Math.min(slew, ahead)));
}

/** Unix time in ns of a clock value. */
export function toUnixNs(clock: number): bigint {
  return ORIGIN_NS + BigInt(Math.round(clock));
}

/** OpenTelemetry's TimeInput as a clock value: epoch or performance milliseconds, a Date, or [seconds, ns]. */
export function fromTimeInput(time: number | Date | [number, number]): number {
  if (Array.isArray(time)) return Number(BigInt(Math.trunc(time[0])) * 1_000_000_000n + BigInt(time[1]) - ORIGIN_NS);
  const ms = typeof time === 'number' ? time : time.getTime();
  // as in OpenTelemetry: a number below the time origin is a performance.now()
  return ms < originMs ? Math.round(ms * 1e6) + offsetNs : Math.round((ms - originMs) * 1e6);
}
