import type { Attributes, SpanKind, SpanStatus, TraceState } from '@opentelemetry/api';
import { NO_EVENTS, NO_LINKS, UNSET, type EndedSpan, type InstrumentationScope } from './ended-span.js';
import { spanIdText, traceIdText, WORD_LENGTH, wordOf } from './ids.js';
import { SpanbusSpan } from './span.js';
import { ownTextBytes, spanBytes } from './span-size.js';

/** Bytes of a place: one line of a processor's cache. */
export const PLACE_BYTES = 64;

/** Where things lie in a place: ids as words, times as doubles, the number of the shape and the flags as integers. */
const TRACE = 0;
const SPAN = 16 / 4;
const PARENT = 24 / 4;
const START = 32 / 8;
const END = 40 / 8;
const SHAPE = 48 / 4;
const FLAGS = 52 / 4;
const NOTE = 56 / 8;
const TRACE_WORDS = 4;
/** Eight bytes that are free in the place of a span that is kept as it is. */
export const OTHER_BYTES = 32;
const DOUBLES = PLACE_BYTES / 8;
const WORDS = PLACE_BYTES / 4;

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
  sharesAttributes = true;
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
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private shapes: Shape[] = [];
  private numbers = new Map<Attributes, number>();
  /** Of the shape that the latest span had. */
  private lastNumber = 0;
  /** Spans that are kept as they are. */
  private others = new Map<number, EndedSpan>();
  private saved: SpansByPlace | undefined;

  constructor(
    places: number,
    private readonly memory = new ArrayBuffer(places * PLACE_BYTES),
  ) {
    this.words = new Int32Array(memory, 0, places * WORDS);
    this.doubles = new Float64Array(memory, 0, places * DOUBLES);
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
    const { words, doubles } = this;
    const place = at * WORDS;
    doubles[at * DOUBLES + END] = span.endTime;
    if (!(span instanceof SpanbusSpan) || !span.isPlain || !span.sharesAttributes) {
      const id = traceKey(span.traceId);
      for (let i = 0; i < TRACE_WORDS; i++) words[place + TRACE + i] = id[i]!;
      words[place + SHAPE] = OTHER;
      this.others.set(at, span);
      return spanBytes(span);
    }
    words[place + TRACE] = span.trace0;
    words[place + TRACE + 1] = span.trace1;
    words[place + TRACE + 2] = span.trace2;
    words[place + TRACE + 3] = span.trace3;
    words[place + SPAN] = span.span0;
    words[place + SPAN + 1] = span.span1;
    words[place + PARENT] = span.parent0;
    words[place + PARENT + 1] = span.parent1;
    doubles[at * DOUBLES + START] = span.startTime;
    words[place + FLAGS] = span.traceFlags;
    const known = this.shapes.length;
    words[place + SHAPE] = this.shapeOf(span);
    // a name or a trace state that no other span had is this one's own, however few its attributes are
    return this.shapes.length === known ? 0 : ownTextBytes(span);
  }

  read(at: number): EndedSpan {
    const { words, doubles } = this;
    const other = this.other(at);
    if (other) return other;
    const place = at * WORDS;
    const parent = place + PARENT;
    return new LoggedSpan(
      traceIdText(words[place]!, words[place + 1]!, words[place + 2]!, words[place + 3]!),
      spanIdText(words[place + SPAN]!, words[place + SPAN + 1]!),
      words[parent] === 0 && words[parent + 1] === 0 ? '' : spanIdText(words[parent]!, words[parent + 1]!),
      words[place + FLAGS]!,
      doubles[at * DOUBLES + START]!,
      doubles[at * DOUBLES + END]!,
      this.shapes[words[place + SHAPE]! - 1]!,
    );
  }

  /** The span of a place, if it is one that is kept as it is. */
  other(at: number): EndedSpan | undefined {
    if (this.words[at * WORDS + SHAPE] !== OTHER) return undefined;
    return this.saved ? this.saved.get(at) : this.others.get(at);
  }

  isEmpty(at: number): boolean {
    return this.words[at * WORDS + SHAPE] === EMPTY;
  }

  /** Empties a place. */
  clear(at: number): void {
    if (this.words[at * WORDS + SHAPE] === OTHER) this.others.delete(at);
    this.words[at * WORDS + SHAPE] = EMPTY;
  }

  /** Lets go of all spans, and forgets what the spans in them had in common. */
  reset(): void {
    this.others.clear();
    this.shapes = [];
    this.numbers = new Map();
    this.lastNumber = 0;
  }

  /** What is counted of a span that is thrown away, without reading the rest. */
  summary(at: number): SpanSummary {
    return this.other(at) ?? this.shapes[this.words[at * WORDS + SHAPE]! - 1]!;
  }

  duration(at: number): number {
    const other = this.other(at);
    return this.endTime(at) - (other ? other.startTime : this.doubles[at * DOUBLES + START]!);
  }

  /** A number that whoever owns the log keeps with a span. */
  setNote(at: number, note: number): void {
    this.doubles[at * DOUBLES + NOTE] = note;
  }

  note(at: number): number {
    return this.doubles[at * DOUBLES + NOTE]!;
  }

  endTime(at: number): number {
    return this.doubles[at * DOUBLES + END]!;
  }

  /** Whether a place has a span of that trace. */
  isOf(at: number, trace: TraceKey): boolean {
    const id = at * WORDS;
    for (let i = 0; i < TRACE_WORDS; i++) if (this.words[id + i] !== trace[i]) return false;
    return !this.isEmpty(at);
  }

  copyTrace(at: number, trace: TraceKey): void {
    for (let i = 0; i < TRACE_WORDS; i++) trace[i] = this.words[at * WORDS + i]!;
  }

  /** The last 32 bits of a span's trace id. */
  traceEnd(at: number): number {
    return this.words[at * WORDS + TRACE_WORDS - 1]!;
  }

  /** What the spans in places have in common; these count from 1. */
  get knownShapes(): readonly Shape[] {
    return this.shapes;
  }

  /** The bytes of the first places. */
  copy(places: number): Buffer {
    return Buffer.from(new Uint8Array(this.memory, 0, places * PLACE_BYTES));
  }

  private shapeOf(span: SpanbusSpan): number {
    if (this.lastNumber > 0 && isLike(this.shapes[this.lastNumber - 1]!, span)) return this.lastNumber;
    const { attributes } = span;
    const known = this.numbers.get(attributes);
    if (known !== undefined && isLike(this.shapes[known - 1]!, span)) return (this.lastNumber = known);
    const { name, kind, tracer, traceState } = span;
    const number = this.shapes.push({ name, kind, attributes, tracer, traceState, status: UNSET });
    this.numbers.set(attributes, number);
    return (this.lastNumber = number);
  }
}

/** A trace id as words: what ids are compared by. */
export type TraceKey = Int32Array;

export function traceKey(traceId: string): TraceKey {
  return Int32Array.from({ length: TRACE_WORDS }, (_, i) => wordOf(traceId, i * WORD_LENGTH));
}
