/** Whether these bytes stand at a place among others. */
export function startsWith(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
  return true;
}

/** Text that comes as bytes and is nearly always the same: seeing that it is costs less than making a string again. */
export class RepeatedText {
  private text = '';
  private bytes = Buffer.alloc(0);

  /** The text, UTF-8, of the bytes in [from, to). */
  read(bytes: Buffer, from = 0, to = bytes.length): string {
    if (this.bytes.length !== to - from || !startsWith(bytes, from, this.bytes)) {
      this.text = bytes.toString('utf8', from, to);
      this.bytes = Buffer.from(bytes.subarray(from, to));
    }
    return this.text;
  }
}
