import { randomFillSync } from 'node:crypto';

/** Random ids out of a pool: one call into the random generator serves 512 spans. All bits are random (W3C level 2). */
const pool = Buffer.allocUnsafeSlow(8192);
let next = pool.length;

function take(bytes: number): string {
  if (next + bytes > pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  const id = pool.toString('hex', next, next + bytes);
  next += bytes;
  return id;
}

const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** A new trace id: 32 lower-case hex digits, never all zero. */
export function newTraceId(): string {
  const id = take(16);
  return id === NO_TRACE ? newTraceId() : id;
}

/** A new span id: 16 lower-case hex digits, never all zero. */
export function newSpanId(): string {
  const id = take(8);
  return id === NO_SPAN ? newSpanId() : id;
}
