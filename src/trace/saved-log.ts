import { deserialize, serialize } from 'node:v8';
import { UNSET, type EndedSpan, type InstrumentationScope } from './ended-span.js';
import { OTHER_BYTES, PLACE_BYTES, SpanLog, type Shape, type SpansByPlace } from './span-log.js';
import { fromRecord, refer, toRecord, toState, type SpanRecord } from './span-record.js';

/** What stays in memory of a log that was saved: what it takes to read it again. */
export interface SavedLog {
  readonly places: number;
  /** Where its shapes are, behind the spans that are too much for a place. */
  readonly shapesAt: number;
  readonly references: readonly object[];
}

type ShapeRecord = Pick<Shape, 'name' | 'kind' | 'attributes'> & { tracer: number; traceState: string | undefined };

/**
 * The first places of a log as bytes, good for this process only.
 *
 * @param refuse gets the place of a span that cannot be saved, and empties it
 */
export function saveLog(log: SpanLog, places: number, refuse: (at: number) => void): { data: Buffer; saved: SavedLog } {
  const references: object[] = [];
  const records: { at: number; record: Buffer }[] = [];
  for (let at = 0; at < places; at++) {
    const span = log.other(at);
    if (!span) continue;
    try {
      records.push({ at, record: serialize(toRecord(span, references)) });
    } catch {
      // what a foreign span has for attributes may be no data at all
      refuse(at);
    }
  }
  const shapes = log.knownShapes.map(({ name, kind, attributes, tracer, traceState }): ShapeRecord => {
    return { name, kind, attributes, tracer: refer(references, tracer), traceState: traceState?.serialize() };
  });
  const bytes = log.copy(places);
  let end = bytes.length;
  for (const { at, record } of records) {
    bytes.writeUInt32LE(end, at * PLACE_BYTES + OTHER_BYTES);
    bytes.writeUInt32LE(record.length, at * PLACE_BYTES + OTHER_BYTES + 4);
    end += record.length;
  }
  const data = Buffer.concat([bytes, ...records.map(({ record }) => record), serialize(shapes)]);
  return { data, saved: { places, shapesAt: end, references } };
}

/** @throws Error when the bytes are not what was saved */
export function loadLog(memory: ArrayBuffer, { places, shapesAt, references }: SavedLog): SpanLog {
  const data = Buffer.from(memory);
  const shapes = (deserialize(data.subarray(shapesAt)) as ShapeRecord[]).map(
    ({ name, kind, attributes, tracer, traceState }): Shape => ({
      name,
      kind,
      attributes: Object.freeze(attributes),
      tracer: references[tracer] as InstrumentationScope,
      traceState: toState(traceState),
      status: UNSET,
    }),
  );
  return SpanLog.of(memory, places, shapes, new SavedSpans(data, references));
}

/** The spans of a saved log that are too much for a place: each is made when it is asked for. */
class SavedSpans implements SpansByPlace {
  private lastAt = -1;
  private last: EndedSpan | undefined;

  constructor(
    private readonly data: Buffer,
    private readonly references: readonly object[],
  ) {}

  get(at: number): EndedSpan {
    if (this.last && this.lastAt === at) return this.last;
    const place = at * PLACE_BYTES + OTHER_BYTES;
    const start = this.data.readUInt32LE(place);
    const record = this.data.subarray(start, start + this.data.readUInt32LE(place + 4));
    this.last = fromRecord(deserialize(record) as SpanRecord, this.references);
    this.lastAt = at;
    return this.last;
  }
}
