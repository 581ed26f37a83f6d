/**
 * The first `maxBytes` of a text in UTF-8, no character cut in two, and a mark that says how long it was.
 *
 * @param bytes of the whole text, when it was cut before
 */
export function cutText(text: string, maxBytes: number, bytes = Buffer.byteLength(text)): string {
  if (Buffer.byteLength(text) <= maxBytes && bytes <= maxBytes) return text;
  // a decoder that is told more will come keeps back the half of a character
  const kept = new TextDecoder().decode(Buffer.from(text).subarray(0, maxBytes), { stream: true });
  return `${kept}… [cut: ${Buffer.byteLength(kept)} of ${bytes} bytes]`;
}
