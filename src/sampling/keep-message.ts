import type { Keep } from './kept-traces.js';

/** What processes tell each other on the bus's control subject. */
export interface KeepMessage {
  /** The sender, which hears its own messages too. */
  from: string;
  /** The share of triggered traces that the sender keeps at the moment. */
  share: number;
  /** When it was sent, Unix ms by the sender's clock. */
  at: number;
  keeps: Keep[];
}

/** Keeps in one message: it stays under 40 KB. */
export const MAX_KEEPS_PER_MESSAGE = 500;
const MAX_BYTES = 65_536;
const TRACE_ID = /^[0-9a-f]{32}$/;

/** JSON, so that other languages and people can read it: `{"v":1,"from":…,"at":…,"share":…,"keeps":[[traceId,reason,weight],…]}`. */
export function encodeKeeps({ from, at, share, keeps }: KeepMessage): Uint8Array {
  return Buffer.from(
    JSON.stringify({ v: 1, from, at, share, keeps: keeps.map((k) => [k.traceId, k.reason, k.weight]) }),
  );
}

/** Reads what a stranger may have sent; undefined, never a throw, for anything that is not a message of version 1. */
export function decodeKeeps(data: Uint8Array): KeepMessage | undefined {
  if (data.length > MAX_BYTES) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.length).toString());
  } catch {
    return undefined;
  }
  const { v, from, at, share, keeps } = (json ?? {}) as Record<string, unknown>;
  if (v !== 1 || typeof from !== 'string' || typeof share !== 'number' || !Array.isArray(keeps)) return undefined;
  const read: Keep[] = [];
  for (const entry of keeps.slice(0, MAX_KEEPS_PER_MESSAGE) as unknown[]) {
    if (!Array.isArray(entry)) continue;
    const keep = toKeep(entry[0], entry[1], entry[2]);
    if (keep) read.push(keep);
  }
  return {
    from,
    at: typeof at === 'number' && Math.abs(Date.now() - at) < 3_600_000 ? at : Date.now(),
    share,
    keeps: read,
  };
}

/** A keep from untrusted values; undefined when it cannot be one. */
export function toKeep(traceId: unknown, reason: unknown, weight: unknown): Keep | undefined {
  if (typeof traceId !== 'string' || !TRACE_ID.test(traceId) || typeof reason !== 'string') return undefined;
  return {
    traceId,
    reason: reasonToken(reason),
    weight: typeof weight === 'number' && weight >= 1 && weight < 1e9 ? weight : 1,
  };
}

/** A reason as headers and tables take it: short, one word, no separators. */
export function reasonToken(reason: string): string {
  return reason.replace(/[^\w.-]+/g, '_').slice(0, 32) || 'kept';
}

/** The header, or envelope field, by which a reply tells its caller that the trace is kept. */
export const KEEP_HEADER = 'spanbus-keep';

/** A keep as a header says it: the reason, and `;w:<weight>` where it stands for more than itself. */
export function formatMark({ reason, weight }: Keep): string {
  return weight === 1 ? reason : `${reason};w:${weight}`;
}

/** Reads what {@link formatMark} wrote, or a stranger did; undefined when the trace id is none. */
export function parseMark(traceId: string, mark: string): Keep | undefined {
  const [reason = '', weight] = mark.slice(0, 64).split(';w:', 2);
  return toKeep(traceId, reason, Number(weight ?? 1));
}
