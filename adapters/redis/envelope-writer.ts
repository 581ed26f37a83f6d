import { writeTraceparent, type TraceIds } from '../../src/index.js';
import { MAGIC, MAX_VALUE, packed, PAIR, SPAN_HEAD, STATE_HEAD, TRACEPARENT_BYTES } from './envelope-format.js';

const MAX_STATES = 16;

/** Everything of an envelope that comes before the payload's head. */
function headOf(count: number, headers: readonly Uint8Array[]): Buffer {
  const map = count < 16 ? [0x80 | count] : [0xde, count >> 8, count & 255];
  return Buffer.concat([Buffer.from([...MAGIC, PAIR, ...map]), ...headers]);
}

const NO_IDS = Buffer.alloc(TRACEPARENT_BYTES, '0');
const START = headOf(0, []).length;
const IDS_AT = START + SPAN_HEAD.length;

/** Values over 16,384 bytes are left out, as no reader would take them. */
function stateHeader(traceState: string): Buffer[] {
  if (traceState === '' || Buffer.byteLength(traceState) > MAX_VALUE) return [];
  return [STATE_HEAD, packed(traceState)];
}

/** Heads with a span and nothing else, less its ids, by the trace's state: a few come with nearly every message. */
const heads = new Map<string, Buffer>();

function spanHead(traceState: string): Buffer {
  let head = heads.get(traceState);
  if (!head) {
    const state = stateHeader(traceState);
    head = headOf(1 + state.length / 2, [SPAN_HEAD, NO_IDS, ...state]);
    if (heads.size >= MAX_STATES) heads.clear();
    heads.set(traceState, head);
  }
  return head;
}

const NONE: readonly Buffer[] = [];

/** Headers on their way into an envelope. */
export class EnvelopeHeaders {
  private span: TraceIds | undefined;
  private traceState = '';
  private others: readonly Buffer[] = NONE;

  /** Values over 16,384 bytes are left out, as no reader would take them. */
  set(key: string, value: string): void {
    if (Buffer.byteLength(value) > MAX_VALUE || Buffer.byteLength(key) > MAX_VALUE) return;
    this.others = [...this.others, packed(key), packed(value)];
  }

  setSpan(span: TraceIds, traceState: string): void {
    this.span = span;
    this.traceState = traceState;
  }

  /** Everything of the envelope that comes before the payload's head; {@link fill} is to follow. */
  get head(): Buffer {
    const { span, traceState, others } = this;
    if (span && others.length === 0) return spanHead(traceState);
    const own = span ? [SPAN_HEAD, NO_IDS, ...stateHeader(traceState)] : [];
    return headOf((own.length + others.length) / 2, [...own, ...others]);
  }

  /** Writes the span's ids into a head that was copied to `at`. */
  fill(bytes: Buffer, at: number): void {
    if (!this.span) return;
    // more than fifteen headers take two bytes more to count
    const isLong = bytes[at + START - 1] === 0xde;
    writeTraceparent(this.span, bytes, at + IDS_AT + (isLong ? 2 : 0));
  }
}

/** Writes msgpack's head of bytes; returns where they go. */
function writeBinHead(length: number, bytes: Buffer, at: number): number {
  if (length < 256) {
    bytes[at] = 0xc4;
    bytes[at + 1] = length;
    return at + 2;
  }
  if (length < 65_536) {
    bytes[at] = 0xc5;
    return bytes.writeUInt16BE(length, at + 1);
  }
  bytes[at] = 0xc6;
  return bytes.writeUInt32BE(length, at + 1);
}

const binHeadLength = (length: number): number => (length < 256 ? 2 : length < 65_536 ? 3 : 5);

/** Where an envelope's parts go, known before there is room for them. */
function measure(headers: EnvelopeHeaders, payload: string | Uint8Array) {
  const { head } = headers;
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  return { head, length, total: head.length + binHeadLength(length) + length };
}

function write(
  { head, length }: ReturnType<typeof measure>,
  headers: EnvelopeHeaders,
  payload: string | Uint8Array,
  bytes: Buffer,
  at: number,
): void {
  bytes.set(head, at);
  headers.fill(bytes, at);
  const start = writeBinHead(length, bytes, at + head.length);
  if (typeof payload === 'string') bytes.write(payload, start);
  else bytes.set(payload, start);
}

/** An envelope of these headers and this payload; a string becomes its UTF-8 bytes. */
export function encodeEnvelope(
  headers: EnvelopeHeaders | Readonly<Record<string, string>>,
  payload: string | Uint8Array,
): Buffer {
  let block = headers as EnvelopeHeaders;
  if (!(headers instanceof EnvelopeHeaders)) {
    block = new EnvelopeHeaders();
    for (const [key, value] of Object.entries(headers)) block.set(key, value);
  }
  const size = measure(block, payload);
  const bytes = Buffer.allocUnsafe(size.total);
  write(size, block, payload, bytes, 0);
  return bytes;
}

/** An envelope as the last argument of a command: all of the command's bytes, of which `before` are those before the argument. */
export function encodeLastArgument(before: Uint8Array, headers: EnvelopeHeaders, payload: string | Uint8Array): Buffer {
  const size = measure(headers, payload);
  const digits = String(size.total);
  const bytes = Buffer.allocUnsafe(before.length + digits.length + size.total + '$\r\n\r\n'.length);
  bytes.set(before);
  let at = before.length;
  bytes[at++] = 36;
  for (let i = 0; i < digits.length; i++) bytes[at++] = digits.charCodeAt(i);
  bytes[at++] = 13;
  bytes[at++] = 10;
  write(size, headers, payload, bytes, at);
  bytes[bytes.length - 2] = 13;
  bytes[bytes.length - 1] = 10;
  return bytes;
}
