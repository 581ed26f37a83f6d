import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope } from '../../adapters/redis/index.js';

const INPUTS = 1_000_000;
const SEED = 20_261_122;
/** CPU time of a thousand inputs: far above what they take, far below a hang. */
const SLOWEST_MS = 1000;

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/wire-format.vectors.json'), 'utf8')) as {
  envelopes: { envelope: string }[];
  readable: { envelope: string }[];
  passedThrough: { bytes: string }[];
};
const corpus = [
  ...[...vectors.envelopes, ...vectors.readable].map((vector) => vector.envelope),
  ...vectors.passedThrough.map((vector) => vector.bytes),
  encodeEnvelope({ __proto__x: 'y', constructor: 'x', toString: 'z' }, 'p').toString('hex'),
  encodeEnvelope(Object.fromEntries([['__proto__', 'polluted']]), 'p').toString('hex'),
].map((hex) => Buffer.from(hex, 'hex'));
const HEADS = [0x00, 0x80, 0x8f, 0x92, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4, 0xc5, 0xc6, 0xd9, 0xda, 0xdb, 0xde, 0xdf, 0xff];

/** Mulberry32: the same inputs every time. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** The next input: random bytes, or a known one with a few things done to it. Reuses `out`, so it costs no memory. */
function mutate(out: Buffer, below: (n: number) => number): Buffer {
  if (below(10) === 0) {
    const length = below(64);
    for (let i = 0; i < length; i++) out[i] = below(256);
    if (below(2) === 0) out.set([0xc1, 0x73, 0x62, 0x01, 0x92]);
    return out.subarray(0, length);
  }
  const seed = corpus[below(corpus.length)]!;
  let length = seed.copy(out);
  for (let i = below(4); i >= 0 && length > 0; i--) {
    const at = below(length);
    switch (below(7)) {
      case 0:
        out[at] = below(256);
        break;
      case 1:
        out[at] = HEADS[below(HEADS.length)]!;
        break;
      case 2:
        out[at]! ^= 1 << below(8);
        break;
      case 3:
        length = at;
        break;
      case 4:
        out.copyWithin(at, at + 1, length--);
        break;
      case 5:
        out.copyWithin(at + 1, at, length++);
        break;
      default: {
        const other = corpus[below(corpus.length)]!;
        length = at + other.copy(out, at, below(other.length + 1));
      }
    }
  }
  return out.subarray(0, length);
}

/** Bytes that strings take at most: two for each unit. */
const sizeOf = (value: string | string[] | undefined): number =>
  value === undefined
    ? 0
    : typeof value === 'string'
      ? 2 * value.length
      : value.reduce((sum, v) => sum + 2 * v.length, 0);

describe('the envelope decoder', () => {
  it(`takes ${INPUTS.toLocaleString('en')} mutated and random inputs`, { timeout: 120_000 }, () => {
    const below = random(SEED);
    const out = Buffer.alloc(4096);
    const prototypes = [Object.prototype, Array.prototype, Uint8Array.prototype, Buffer.prototype as object];
    const before = prototypes.map((prototype) => Reflect.ownKeys(prototype).length);
    let [decoded, worst, slowest] = [0, 0, 0];
    let started = process.cpuUsage();
    for (let i = 0; i < INPUTS; i++) {
      const input = mutate(out, below);
      const envelope = decodeEnvelope(input);
      if (envelope) {
        decoded++;
        const { payload } = envelope;
        // a view on the input: nothing was copied
        if (payload.buffer !== input.buffer || payload.length > input.length) throw new Error(input.toString('hex'));
        const headers = ['traceparent', 'tracestate', 'baggage', '__proto__', 'constructor'] as const;
        const made = headers.reduce((sum, name) => sum + sizeOf(envelope.get(name)), 0);
        worst = Math.max(worst, made / input.length, sizeOf(envelope.keys()) / input.length);
      }
      // the clock costs more than an input, so it is read for a thousand at a time
      if (i % 1000 === 999) {
        const { user, system } = process.cpuUsage(started);
        slowest = Math.max(slowest, (user + system) / 1000);
        started = process.cpuUsage();
      }
    }
    console.log(
      `${INPUTS} inputs (seed ${SEED}), ${decoded} of them envelopes; at most ${worst.toFixed(2)} of the input made`,
    );
    expect(decoded).toBeGreaterThan(INPUTS / 20);
    expect(worst).toBeLessThanOrEqual(2);
    expect(slowest).toBeLessThan(SLOWEST_MS);
    expect(prototypes.map((prototype) => Reflect.ownKeys(prototype).length)).toEqual(before);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it.each([
    [
      'bytes that claim to be 4 GiB',
      Buffer.concat([Buffer.from('c17362019280c6ffffffff', 'hex'), Buffer.alloc(1 << 20)]),
    ],
    [
      '65,535 empty headers',
      Buffer.concat([Buffer.from('c173620192deffff', 'hex'), Buffer.alloc(131_070, 0xa0), Buffer.from('c400', 'hex')]),
    ],
    [
      '16,000 times the same header',
      Buffer.concat([
        Buffer.from('c173620192de3e80', 'hex'),
        ...Array<Buffer>(16_000).fill(
          Buffer.from(`ab${Buffer.from('traceparent').toString('hex')}bf${'41'.repeat(31)}`, 'hex'),
        ),
        Buffer.from('c400', 'hex'),
      ]),
    ],
    ['a megabyte of payload', encodeEnvelope({ traceparent: 'x' }, Buffer.alloc(1_000_000))],
  ])('makes no more than twice the input of %s', (_, input) => {
    const read = (): number => {
      const envelope = decodeEnvelope(input);
      return sizeOf(envelope?.get('traceparent')) + sizeOf(envelope?.keys()) + (envelope?.payload.length ?? 0);
    };
    for (let i = 0; i < 20; i++) read();
    // other work in the process can only add to what is seen, so the least of several tries is what it took
    const made = Array.from({ length: 10 }, () => {
      const before = process.memoryUsage();
      const size = read();
      const after = process.memoryUsage();
      expect(size).toBeGreaterThanOrEqual(0);
      return after.heapUsed - before.heapUsed + (after.arrayBuffers - before.arrayBuffers);
    });
    expect(Math.min(...made.filter((bytes) => bytes >= 0))).toBeLessThanOrEqual(2 * input.length);
  });
});
