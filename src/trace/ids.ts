import { randomFillSync } from 'node:crypto';
import type { TraceState } from '@opentelemetry/api';

/**
 * A trace's id as words, each of four of its bytes, the first in its lowest bits: as small integers they are part of the object
 * they are in, and reach headers, buffers and queues without ever being text.
 */
export interface TraceWords {
  readonly trace0: number;
  readonly trace1: number;
  readonly trace2: number;
  readonly trace3: number;
}

/** A trace and a span in it. */
export interface TraceIds extends TraceWords {
  readonly span0: number;
  readonly span1: number;
  readonly traceFlags: number;
  readonly traceState: TraceState | undefined;
}

/** Digits of a word. */
export const WORD_LENGTH = 8;
export const TRACE_ID_LENGTH = 4 * WORD_LENGTH;
export const SPAN_ID_LENGTH = 2 * WORD_LENGTH;

/** One call into the random generator serves 340 hops. All bits are random (W3C level 2). */
const pool = new Int32Array(2048);
let next = pool.length;

export function randomWord(): number {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  return pool[next++]!;
}

/** A word for the start of an id, which must not be all zero. */
export function randomStart(): number {
  return randomWord() || randomStart();
}

/** A new trace id: 32 lower-case hex digits, never all zero. */
export function newTraceId(): string {
  return traceIdText(randomStart(), randomWord(), randomWord(), randomWord());
}

/** A new span id: 16 lower-case hex digits, never all zero. */
export function newSpanId(): string {
  return spanIdText(randomStart(), randomWord());
}

/** For each byte its two digits, as character codes. */
const HIGH = new Uint8Array(256);
const LOW = new Uint8Array(256);
/** Values of the characters that are lower-case hex digits; -1 for all others. */
const DIGIT = new Int8Array(256).fill(-1);
for (let byte = 0; byte < 256; byte++) {
  const digits = byte.toString(16).padStart(2, '0');
  HIGH[byte] = digits.charCodeAt(0);
  LOW[byte] = digits.charCodeAt(1);
  if (byte < 16) DIGIT[digits.charCodeAt(1)] = byte;
}

/** Value of a character that is a lower-case hex digit; -1 for all others. */
export function digitValue(character: number): number {
  return character < 256 ? DIGIT[character]! : -1;
}

/** Writes a word's eight digits. */
export function writeWord(word: number, bytes: Uint8Array, at: number): void {
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (word >>> shift) & 255;
    bytes[at++] = HIGH[byte]!;
    bytes[at++] = LOW[byte]!;
  }
}

/**
 * Reads as many words as `words` has, of eight lower-case hex digits each; false when there are other characters among them.
 * Without a branch for each: random digits are what a processor cannot predict.
 */
export function readWords(bytes: Uint8Array, at: number, words: Int32Array): boolean {
  let digits = 0;
  for (let i = 0; i < words.length; i++) {
    let word = 0;
    for (let shift = 0; shift < 32; shift += 8) {
      const high = DIGIT[bytes[at++]!]!;
      const low = DIGIT[bytes[at++]!]!;
      digits |= high | low;
      word |= ((high << 4) | low) << shift;
    }
    words[i] = word;
  }
  return digits >= 0;
}

const scratch = Buffer.alloc(TRACE_ID_LENGTH);

/** A trace id's hex digits. */
export function traceIdOf({ trace0, trace1, trace2, trace3 }: TraceWords): string {
  return traceIdText(trace0, trace1, trace2, trace3);
}

/** The words of a trace id's hex digits. */
export function traceWordsOf(traceId: string): TraceWords {
  return {
    trace0: wordOf(traceId, 0),
    trace1: wordOf(traceId, WORD_LENGTH),
    trace2: wordOf(traceId, 2 * WORD_LENGTH),
    trace3: wordOf(traceId, 3 * WORD_LENGTH),
  };
}

export function traceIdText(word0: number, word1: number, word2: number, word3: number): string {
  writeWord(word0, scratch, 0);
  writeWord(word1, scratch, WORD_LENGTH);
  writeWord(word2, scratch, 2 * WORD_LENGTH);
  writeWord(word3, scratch, 3 * WORD_LENGTH);
  return scratch.toString('latin1', 0, TRACE_ID_LENGTH);
}

export function spanIdText(word0: number, word1: number): string {
  writeWord(word0, scratch, 0);
  writeWord(word1, scratch, WORD_LENGTH);
  return scratch.toString('latin1', 0, SPAN_ID_LENGTH);
}

/** The word at `at` of an id's text, digits in either case. */
export function wordOf(text: string, at: number): number {
  let word = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    word |= ((digit(text.charCodeAt(at++)) << 4) | digit(text.charCodeAt(at++))) << shift;
  }
  return word;
}

/** Value of a hex digit's character, either case. */
function digit(c: number): number {
  return ((c & 15) + (c >> 6) * 9) & 15;
}
