import { TRACEPARENT_LENGTH, writeTraceparent, type TraceIds } from '../../src/index.js';
import { MAGIC, MAX_VALUE, packed, PAIR, SPAN_HEAD, STATE_HEAD } from './envelope-format.js';

const MAX_STATES = 16;

/** Everything of an envelope that comes before the payload's head. */
function headOf(count: number, headers: readonly Uint8Array[]): Buffer {
  const map = count < 16 ? [0x80 | count] : [0xde, count >> 8, count & 255];
  return Buffer.concat([Buffer.from([...MAGIC, PAIR, ...map]), ...headers]);
}

const NO_IDS = Buffer.alloc(TRACEPARENT_LENGTH, '0');
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

function writePayload(payload: string | Uint8Array, length: number, bytes: Buffer, at: number): void {
  const start = writeBinHead(length, bytes, at);
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
  const { head, length, total } = measure(block, payload);
  const bytes = Buffer.allocUnsafe(total);
  bytes.set(head);
  block.fill(bytes, 0);
  writePayload(payload, length, bytes, head.length);
  return bytes;
}

/** How a command begins on the wire whose last argument is an envelope: up to that argument. */
export class CommandStart {
  private head: Buffer | undefined;
  private digits = 0;
  private bytes: Buffer = Buffer.alloc(0);

  constructor(private readonly before: Uint8Array) {}

  /**
   * The bytes up to the envelope's payload, but for the digits of its length and the ids: those of the last message, nearly
   * always, as its headers differ in nothing else.
   */
  with(head: Buffer, digits: number): Buffer {
    if (head !== this.head || digits !== this.digits) {
      const length = Buffer.from(`$${'0'.repeat(digits)}\r\n`);
      this.bytes = Buffer.concat([this.before, length, head]);
      this.head = head;
      this.digits = digits;
    }
    return this.bytes;
  }
}

/** An envelope as the last argument of a command: all of the command's bytes. */
export function encodeLastArgument(
  start: CommandStart,
  headers: EnvelopeHeaders,
  payload: string | Uint8Array,
): Buffer {
  const { head, length, total } = measure(headers, payload);
  const digits = total < 1000 && total > 99 ? 3 : String(total).length;
  const template = start.with(head, digits);
  const bytes = Buffer.allocUnsafe(template.length + total - head.length + 2);
  bytes.set(template);
  const headAt = template.length - head.length;
  for (let at = headAt - 3, rest = total; rest > 0; rest = Math.floor(rest / 10)) bytes[at--] = 48 + (rest % 10);
  headers.fill(bytes, headAt);
  writePayload(payload, length, bytes, template.length);
  bytes[bytes.length - 2] = 13;
  bytes[bytes.length - 1] = 10;
  return bytes;
}
