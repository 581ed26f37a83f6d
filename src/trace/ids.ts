import { randomFillSync } from 'node:crypto';

/**
 * Random ids out of a pool: one call into the random generator and one conversion to hex serve 512 spans, each id is then a
 * slice of that text. All bits are random (W3C level 2).
 */
const pool = Buffer.allocUnsafeSlow(8192);
let digits = '';
let next = 0;

function take(length: number): string {
  if (next + length > digits.length) {
    randomFillSync(pool);
    digits = pool.toString('hex');
    next = 0;
  }
  const id = digits.slice(next, next + length);
  next += length;
  return id;
}

const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** A new trace id: 32 lower-case hex digits, never all zero. */
export function newTraceId(): string {
  const id = take(32);
  return id === NO_TRACE ? newTraceId() : id;
}

/** A new span id: 16 lower-case hex digits, never all zero. */
export function newSpanId(): string {
  const id = take(16);
  return id === NO_SPAN ? newSpanId() : id;
}
