/** What follows a text that was cut. */
const CUT_MARK = '…';
/** UTF-8 takes at most this many bytes for one unit of a JavaScript string. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * The text if it has at most `maxBytes` in UTF-8, else as many of its characters as fit, none cut in two, and a mark.
 * What is cut is copied: a slice would keep the whole text in memory.
 */
export function cut(text: string, maxBytes: number): string {
  if (text.length * MAX_BYTES_PER_UNIT <= maxBytes) return text;
  // a text of more units than bytes is not measured: it may be of any length
  if (text.length <= maxBytes && Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text.slice(0, maxBytes));
  let end = Math.min(maxBytes, bytes.length);
  // a byte 10xxxxxx continues a character: its first byte goes too
  while (end > 0 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end) + CUT_MARK;
}
