/**
 * One line of text: line breaks become a space. Control characters and the marks that reorder text (bidirectional
 * overrides, embeddings and isolates) become U+FFFD: a span's name must neither drive a terminal nor turn a line around.
 */
export function visible(text: string): string {
  return visibleLines(text.replace(/\r\n|[\n\r\t\u2028\u2029]/g, ' '));
}

/** As {@link visible}, for places where text may have several lines. */
export function visibleLines(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** Cuts a text to `max` UTF-16 units, never inside a character, and says so: `abc… (+9,000 characters)`. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = head(text, max);
  return `${kept}… (+${(text.length - kept.length).toLocaleString('en-US')} characters)`;
}

/** The longest start of `text` that is drawn within `width` pixels, with `…` where something is missing. An estimate. */
export function fit(text: string, width: number, fontSize: number): string {
  if (textWidth(text, fontSize) <= width) return text;
  let used = textWidth('…', fontSize);
  let end = 0;
  for (const character of text) {
    used += characterWidth(character) * fontSize;
    if (used > width) break;
    end += character.length;
  }
  return end === 0 ? '' : `${text.slice(0, end)}…`;
}

/** Estimated pixels of a text set in a sans-serif font; on the wide side, so that labels do not overlap. */
export function textWidth(text: string, fontSize: number): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width * fontSize;
}

/** `1 span`, `2 spans`, `1,204 spans`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A whole number with thousands separators. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A number in at most four characters and a letter: `950`, `12.3k`, `4.1M`. */
export function formatShort(value: number): string {
  const units: [number, string][] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  for (const [size, unit] of units) {
    if (Math.abs(value) >= size * 0.9995) return `${threeDigits(value / size)}${unit}`;
  }
  return formatCount(value);
}

/** Nanoseconds for people: `850 ns`, `12.5 µs`, `340 ms`, `8.42 s`, `2 min 5 s`, `3 h 12 min`. */
export function formatDuration(ns: number): string {
  if (ns < 0) return `-${formatDuration(-ns)}`;
  if (ns < 1e3) return ns === 0 ? '0 ms' : `${Math.round(ns)} ns`;
  if (ns < 999.5e3) return `${threeDigits(ns / 1e3)} µs`;
  if (ns < 999.5e6) return `${threeDigits(ns / 1e6)} ms`;
  if (ns < 59.95e9) return `${(ns / 1e9).toPrecision(3)} s`;
  const seconds = Math.round(ns / 1e9);
  const minutes = Math.round(seconds / 60);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** An ISO time without its `T` and `Z`, cut to seconds: `2026-11-22 09:00:00 UTC`. Other texts stay as they are. */
export function formatTime(time: string): string {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?Z?$/.exec(time);
  return match ? `${match[1]} ${match[2]} UTC` : visible(time);
}

function head(text: string, max: number): string {
  const code = text.charCodeAt(max - 1);
  const splitsPair = code >= 0xd800 && code <= 0xdbff;
  return text.slice(0, splitsPair ? max - 1 : max);
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x1100) return 1.25;
  if (/[mwMW@%]/.test(character)) return 0.95;
  if (/[A-Z]/.test(character)) return 0.74;
  if (/[ijlIt.,:;|!'()[\]]/.test(character)) return 0.4;
  return 0.63;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  return value.toLocaleString('en-US', { maximumFractionDigits: size < 9.995 ? 2 : size < 99.95 ? 1 : 0 });
}
