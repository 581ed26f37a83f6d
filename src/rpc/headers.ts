/**
 * Headers of requests and replies beside those of the trace: all that are written and read, in one place.
 *
 * A request has `spanbus-id`, `spanbus-timeout` (ms the caller waits) and `spanbus-deadline` (Unix ms); on a bus without reply
 * addresses also `spanbus-reply`. A reply repeats the id; `spanbus-status` is `more` when others follow, `end` when none does
 * and this one is empty, `error` with the error's name in `spanbus-error` and its message as data; without it, the reply is
 * the only or the last one. Many replies are numbered from 0 in `spanbus-seq`, for buses that do not keep their order.
 */
export type RpcHeaders = Record<string, string>;

/** Reads a header; several of one name are none. */
export type GetHeader = (name: string) => string | string[] | undefined;

export const ID = 'spanbus-id';
export const REPLY_TO = 'spanbus-reply';
const TIMEOUT = 'spanbus-timeout';
const DEADLINE = 'spanbus-deadline';
const STATUS = 'spanbus-status';
const ERROR = 'spanbus-error';
const SEQ = 'spanbus-seq';

const MAX_TYPE = 128;

export type Reply =
  | { readonly status: 'last' | 'more'; readonly data: Uint8Array }
  | { readonly status: 'end' }
  | { readonly status: 'error'; readonly type: string; readonly message: string };

export function headerOf(get: GetHeader, name: string): string | undefined {
  const value = get(name);
  return typeof value === 'string' ? value : undefined;
}

export function writeRequestHeaders(headers: RpcHeaders, id: string, timeoutMs: number, now = Date.now()): void {
  headers[ID] = id;
  headers[TIMEOUT] = String(timeoutMs);
  headers[DEADLINE] = String(now + timeoutMs);
}

/**
 * What is left of the caller's time, ms. Clocks may disagree, so it is never more than the caller said; with `ageMs`, the
 * request's age by the bus's clock, the caller's clock does not matter.
 */
export function remainingFrom(get: GetHeader, ageMs: number | undefined, now = Date.now()): number {
  const timeout = Number(headerOf(get, TIMEOUT) ?? NaN);
  if (!(timeout >= 0)) return Infinity;
  if (ageMs !== undefined) return Math.max(0, timeout - Math.max(0, ageMs));
  const deadline = Number(headerOf(get, DEADLINE) ?? NaN);
  return Number.isFinite(deadline) ? Math.min(timeout, Math.max(0, deadline - now)) : timeout;
}

/** Headers and data of a reply; the keep mark of a trace will go here too. */
export function writeReply(
  id: string | undefined,
  reply: Reply,
  seq: number | undefined,
): { headers: RpcHeaders; data: Uint8Array } {
  const headers: RpcHeaders = {};
  if (id !== undefined) headers[ID] = id;
  if (seq !== undefined) headers[SEQ] = String(seq);
  if (reply.status !== 'last') headers[STATUS] = reply.status;
  if (reply.status === 'error') {
    headers[ERROR] = reply.type.replace(/[^\x21-\x7e]/g, '_').slice(0, MAX_TYPE) || 'Error';
    return { headers, data: Buffer.from(reply.message) };
  }
  return { headers, data: reply.status === 'end' ? new Uint8Array() : reply.data };
}

/** Which one of many a reply is; undefined when it is not numbered. */
export function seqOf(get: GetHeader): number | undefined {
  const text = headerOf(get, SEQ);
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Reads what {@link writeReply} wrote; a reply without our headers is the only one. */
export function readReply(get: GetHeader, data: Uint8Array): Reply {
  const status = headerOf(get, STATUS);
  if (status === 'end') return { status };
  if (status === 'error') {
    return {
      status,
      type: (headerOf(get, ERROR) ?? 'Error').slice(0, MAX_TYPE),
      message: Buffer.from(data).toString(),
    };
  }
  return { status: status === 'more' ? 'more' : 'last', data };
}
