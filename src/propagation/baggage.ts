import { baggageEntryMetadataFromString, propagation, type Baggage, type BaggageEntry } from '@opentelemetry/api';

/** Limits of https://www.w3.org/TR/baggage/#limits: what is over them is left out, member by member. */
const MAX_MEMBERS = 180;
const MAX_BYTES = 8192;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Percent-encodes what a baggage value may not hold, and `%` itself. */
function encode(value: string): string {
  const wellFormed = value.replace(/\p{Surrogate}/gu, '\uFFFD');
  return wellFormed.replace(/[^!#$&-+\--:<-[\]-~]+/gu, encodeURIComponent);
}

/** Reads a `baggage` header; members that are not legal are skipped. Undefined when nothing is left. */
export function parseBaggage(header: string | readonly string[]): Baggage | undefined {
  const entries: Record<string, BaggageEntry> = Object.create(null) as Record<string, BaggageEntry>;
  let found = 0;
  for (const member of (typeof header === 'string' ? header : header.join(',')).split(',')) {
    if (found === MAX_MEMBERS) break;
    const [pair = '', ...properties] = member.split(';');
    const at = pair.indexOf('=');
    const key = pair.slice(0, at).trim();
    if (at < 1 || !TOKEN.test(key)) continue;
    const entry: BaggageEntry = { value: decode(pair.slice(at + 1).trim()) };
    const metadata = properties.map((p) => p.trim()).filter((p) => p !== '');
    if (metadata.length > 0) entry.metadata = baggageEntryMetadataFromString(metadata.join(';'));
    entries[key] = entry;
    found++;
  }
  return found === 0 ? undefined : propagation.createBaggage(entries);
}

/** Writes a `baggage` header of at most 8,192 bytes; a member is left out whole or not at all. Empty when there is none. */
export function formatBaggage(baggage: Baggage): string {
  let text = '';
  let members = 0;
  for (const [key, entry] of baggage.getAllEntries()) {
    if (!TOKEN.test(key)) continue;
    const metadata = entry.metadata?.toString();
    const member = `${key}=${encode(entry.value)}${metadata ? `;${metadata}` : ''}`;
    const length = text.length + member.length + (text === '' ? 0 : 1);
    if (length > MAX_BYTES || members === MAX_MEMBERS || /[^\x20-\x7e]/.test(member)) continue;
    text += text === '' ? member : `,${member}`;
    members++;
  }
  return text;
}
