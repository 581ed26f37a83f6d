import type { Attributes, SpanKind, SpanStatus, TraceState } from '@opentelemetry/api';
import { isShared } from './attributes.js';
import { NO_EVENTS, NO_LINKS, UNSET, type EndedSpan, type InstrumentationScope } from './ended-span.js';
import { readId, writeId } from './ids.js';
import { SpanbusSpan } from './span.js';
import { ownTextBytes, spanBytes } from './span-size.js';

/** Bytes of a place: one line of a processor's cache. */
export const PLACE_BYTES = 64;

/** Where things lie in a place: ids and flags as bytes, times as doubles, the shape as an integer. */
const TRACE = 0;
const SPAN = 16;
const PARENT = 24;
const START = 32 / 8;
const END = 40 / 8;
const SHAPE = 48 / 4;
const FLAGS = 52;
const HAS_PARENT = 53;
const TRACE_INTEGERS = 4;
/** Eight bytes that are free in the place of a span that is kept as it is. */
export const OTHER_BYTES = 32;
const DOUBLES = PLACE_BYTES / 8;
const INTEGERS = PLACE_BYTES / 4;

/** In place of a shape's number, which counts from 1: nothing, or a span that is kept as it is. */
const EMPTY = 0;
const OTHER = -1;

/** What spans of one destination have in common. */
export interface Shape {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly tracer: InstrumentationScope;
  readonly traceState: TraceState | undefined;
  readonly status: SpanStatus;
}

/** Spans that are too much for a place, where a log does not hold them itself. */
export interface SpansByPlace {
  get(at: number): EndedSpan;
}

/** What a span is counted by. */
export type SpanSummary = Pick<EndedSpan, 'name' | 'kind' | 'attributes' | 'status'>;

/** A span that was read back. */
class LoggedSpan implements EndedSpan {
  events = NO_EVENTS;
  links = NO_LINKS;
  status = UNSET;
  keepReason = '';
  name: string;
  attributes: Attributes;
  readonly kind: SpanKind;
  readonly tracer: InstrumentationScope;
  readonly traceState: TraceState | undefined;

  constructor(
    readonly traceId: string,
    readonly spanId: string,
    readonly parentSpanId: string,
    readonly traceFlags: number,
    readonly startTime: number,
    readonly endTime: number,
    shape: Shape,
  ) {
    this.name = shape.name;
    this.attributes = shape.attributes;
    this.kind = shape.kind;
    this.tracer = shape.tracer;
    this.traceState = shape.traceState;
  }
}

function isLike(shape: Shape, span: EndedSpan): boolean {
  return (
    shape.attributes === span.attributes &&
    shape.name === span.name &&
    shape.kind === span.kind &&
    shape.traceState === span.traceState &&
    shape.tracer === span.tracer
  );
}

/**
 * Places for ended spans. Of a span that shares its attributes and has no error, event or link (most, on a bus) only 64 bytes
 * stay, so that its object dies young: the garbage collector moves a span that waits twice, and that costs more than all else
 * that is done with it.
 */
export class SpanLog {
  private readonly bytes: Buffer;
  private readonly doubles: Float64Array;
  private readonly integers: Int32Array;
  private shapes: Shape[] = [];
  private numbers = new Map<Attributes, number>();
  /** Spans that are kept as they are. */
  private others = new Map<number, EndedSpan>();
  private saved: SpansByPlace | undefined;

  constructor(
    private readonly places: number,
    memory = new ArrayBuffer(places * PLACE_BYTES),
  ) {
    this.bytes = Buffer.from(memory);
    this.doubles = new Float64Array(memory, 0, places * DOUBLES);
    this.integers = new Int32Array(memory, 0, places * INTEGERS);
  }

  /** A log to read and clear, of what another one was: its places lie at the start of the memory. */
  static of(memory: ArrayBuffer, places: number, shapes: Shape[], spans: SpansByPlace): SpanLog {
    const log = new SpanLog(places, memory);
    log.shapes = shapes;
    log.saved = spans;
    return log;
  }

  /** @returns estimated memory beside its place, bytes */
  write(at: number, span: EndedSpan): number {
    const { bytes, doubles, integers } = this;
    const byte = at * PLACE_BYTES;
    doubles[at * DOUBLES + END] = span.endTime;
    if (!(span instanceof SpanbusSpan) || !span.isPlain || !isShared(span.attributes)) {
      writeId(span.traceId, 0, 16, bytes, byte + TRACE);
      integers[at * INTEGERS + SHAPE] = OTHER;
      this.others.set(at, span);
      return spanBytes(span);
    }
    writeId(span.traceText, span.traceAt, 16, bytes, byte + TRACE);
    writeId(span.spanText, span.spanAt, 8, bytes, byte + SPAN);
    const hasParent = span.parentText !== '';
    if (hasParent) writeId(span.parentText, span.parentAt, 8, bytes, byte + PARENT);
    bytes[byte + HAS_PARENT] = hasParent ? 1 : 0;
    doubles[at * DOUBLES + START] = span.startTime;
    bytes[byte + FLAGS] = span.traceFlags;
    const known = this.shapes.length;
    integers[at * INTEGERS + SHAPE] = this.shapeOf(span);
    // a name or a trace state that no other span had is this one's own, however few its attributes are
    return this.shapes.length === known ? 0 : ownTextBytes(span);
  }

  read(at: number): EndedSpan {
    const { bytes, doubles } = this;
    const other = this.other(at);
    if (other) return other;
    const byte = at * PLACE_BYTES;
    return new LoggedSpan(
      readId(bytes, byte + TRACE, 16),
      readId(bytes, byte + SPAN, 8),
      bytes[byte + HAS_PARENT] === 1 ? readId(bytes, byte + PARENT, 8) : '',
      bytes[byte + FLAGS]!,
      doubles[at * DOUBLES + START]!,
      doubles[at * DOUBLES + END]!,
      this.shapes[this.integers[at * INTEGERS + SHAPE]! - 1]!,
    );
  }

  /** The span of a place, if it is one that is kept as it is. */
  other(at: number): EndedSpan | undefined {
    if (this.integers[at * INTEGERS + SHAPE] !== OTHER) return undefined;
    return this.saved ? this.saved.get(at) : this.others.get(at);
  }

  isEmpty(at: number): boolean {
    return this.integers[at * INTEGERS + SHAPE] === EMPTY;
  }

  /** Empties a place. */
  clear(at: number): void {
    if (this.integers[at * INTEGERS + SHAPE] === OTHER) this.others.delete(at);
    this.integers[at * INTEGERS + SHAPE] = EMPTY;
  }

  /** The same with twice the places; this one must not be used any more. */
  grown(): SpanLog {
    const memory = new ArrayBuffer(this.places * 2 * PLACE_BYTES);
    new Uint8Array(memory).set(this.bytes);
    const larger = new SpanLog(this.places * 2, memory);
    larger.shapes = this.shapes;
    larger.numbers = this.numbers;
    larger.others = this.others;
    return larger;
  }

  /** Lets go of all spans, and forgets what the spans in them had in common. */
  reset(): void {
    this.others.clear();
    this.shapes = [];
    this.numbers = new Map();
  }

  /** What is counted of a span that is thrown away, without reading the rest. */
  summary(at: number): SpanSummary {
    return this.other(at) ?? this.shapes[this.integers[at * INTEGERS + SHAPE]! - 1]!;
  }

  duration(at: number): number {
    const other = this.other(at);
    return this.endTime(at) - (other ? other.startTime : this.doubles[at * DOUBLES + START]!);
  }

  endTime(at: number): number {
    return this.doubles[at * DOUBLES + END]!;
  }

  /** Whether a place has a span of that trace. */
  isOf(at: number, trace: TraceKey): boolean {
    const id = at * INTEGERS;
    for (let i = 0; i < TRACE_INTEGERS; i++) if (this.integers[id + i] !== trace[i]) return false;
    return !this.isEmpty(at);
  }

  copyTrace(at: number, trace: TraceKey): void {
    for (let i = 0; i < TRACE_INTEGERS; i++) trace[i] = this.integers[at * INTEGERS + i]!;
  }

  /** The last 32 bits of a span's trace id. */
  traceEnd(at: number): number {
    return this.integers[at * INTEGERS + TRACE_INTEGERS - 1]!;
  }

  /** What the spans in places have in common; these count from 1. */
  get knownShapes(): readonly Shape[] {
    return this.shapes;
  }

  /** The bytes of the first places. */
  copy(places: number): Buffer {
    return Buffer.from(this.bytes.subarray(0, places * PLACE_BYTES));
  }

  private shapeOf(span: SpanbusSpan): number {
    const { attributes } = span;
    const known = this.numbers.get(attributes);
    if (known !== undefined && isLike(this.shapes[known - 1]!, span)) return known;
    const { name, kind, tracer, traceState } = span;
    const number = this.shapes.push({ name, kind, attributes, tracer, traceState, status: UNSET });
    this.numbers.set(attributes, number);
    return number;
  }
}

/** A trace id as four integers: what ids are compared by. */
export type TraceKey = Int32Array;

export function traceKey(traceId: string): TraceKey {
  const bytes = Buffer.from(new ArrayBuffer(16));
  writeId(traceId, 0, 16, bytes, 0);
  return new Int32Array(bytes.buffer);
}
