import type { EndedSpan } from '../trace/ended-span.js';
import { PLACE_BYTES, SpanLog } from '../trace/span-log.js';
import type { ExportedSpan } from './span-columns.js';

/** Spans in one piece of memory: small enough for it to be used again by the next piece, when it is let go of. */
const PIECE = 1 << 10;

/** Memory of a span that shares its attributes; of others, what is their own comes on top. */
export const QUEUED_SPAN_BYTES = PLACE_BYTES;

class Piece {
  size = 0;
  private readonly log = new SpanLog(PIECE);

  get isFull(): boolean {
    return this.size === PIECE;
  }

  /** @returns its memory, bytes */
  add(span: EndedSpan, weight: number): number {
    const at = this.size++;
    this.log.setNote(at, weight);
    return QUEUED_SPAN_BYTES + this.log.write(at, span);
  }

  read(): ExportedSpan[] {
    return Array.from({ length: this.size }, (_, at) => ({ span: this.log.read(at), weight: this.log.note(at) }));
  }
}

/** Spans that are sent together. */
export class QueuedSpans {
  size = 0;
  bytes = 0;
  private open = new Piece();
  private readonly pieces = [this.open];

  add(span: EndedSpan, weight: number): void {
    if (this.open.isFull) this.pieces.push((this.open = new Piece()));
    this.bytes += this.open.add(span, weight);
    this.size++;
  }

  /** Made when the sink reads them: until then they are bytes, which the garbage collector leaves alone. */
  read(): ExportedSpan[] {
    return this.pieces.flatMap((piece) => piece.read());
  }
}

/** Spans that wait for being sent, cut into batches as they come. */
export class SpanQueue {
  private full: QueuedSpans[] = [];
  private open = new QueuedSpans();
  private fullBytes = 0;
  private fullSize = 0;

  constructor(private readonly limits: { maxBatchSpans: number; maxBatchBytes: number }) {}

  add(span: EndedSpan, weight: number): void {
    const { open, limits } = this;
    open.add(span, weight);
    if (open.size >= limits.maxBatchSpans || open.bytes >= limits.maxBatchBytes) {
      this.full.push(open);
      this.fullBytes += open.bytes;
      this.fullSize += open.size;
      this.open = new QueuedSpans();
    }
  }

  get size(): number {
    return this.fullSize + this.open.size;
  }

  get bytes(): number {
    return this.fullBytes + this.open.bytes;
  }

  /** Whether there is more than what may wait for company. */
  get hasFullBatch(): boolean {
    return this.full.length > 0;
  }

  /** The oldest batch; a full one, unless there is none. Undefined when the queue is empty. */
  take(): QueuedSpans | undefined {
    const oldest = this.full.shift();
    if (oldest) {
      this.fullBytes -= oldest.bytes;
      this.fullSize -= oldest.size;
      return oldest;
    }
    if (this.open.size === 0) return undefined;
    const { open } = this;
    this.open = new QueuedSpans();
    return open;
  }
}
