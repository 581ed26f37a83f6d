/** A growing byte buffer with the few encodings that ClickHouse's Native format needs. */
export class ByteWriter {
  private buffer: Buffer;
  private length = 0;

  constructor(capacity = 16_384) {
    this.buffer = Buffer.allocUnsafe(capacity);
  }

  private reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  /** An unsigned integer in LEB128. */
  varUInt(value: number): void {
    this.reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }

  /** UTF-8 text behind its length in bytes. */
  string(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.varUInt(bytes);
    this.reserve(bytes);
    this.length += this.buffer.write(text, this.length, bytes, 'utf8');
  }

  uint64(value: number): void {
    this.reserve(8);
    this.buffer.writeUInt32LE(value >>> 0, this.length);
    this.buffer.writeUInt32LE(Math.floor(value / 2 ** 32), this.length + 4);
    this.length += 8;
  }

  int64(value: bigint): void {
    this.reserve(8);
    this.buffer.writeBigInt64LE(value, this.length);
    this.length += 8;
  }

  float64(value: number): void {
    this.reserve(8);
    this.buffer.writeDoubleLE(value, this.length);
    this.length += 8;
  }

  append(other: ByteWriter): void {
    this.reserve(other.length);
    other.buffer.copy(this.buffer, this.length, 0, other.length);
    this.length += other.length;
  }

  /** What was written, without a copy; the writer must not be used afterwards. */
  finish(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}
