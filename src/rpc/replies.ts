import type { Span } from '@opentelemetry/api';
import { recordError } from '../trace/record-error.js';
import { failureType, RemoteError } from './errors.js';
import type { Reply } from './headers.js';

/** How many replies wait for an earlier one; beyond it the request times out. */
const MAX_EARLY = 1_000;

type Turn = IteratorResult<Uint8Array, undefined>;

/** The replies of one request, as they come; its span ends with the last of them. */
export class Replies implements AsyncIterableIterator<Uint8Array> {
  private readonly queue: Uint8Array[] = [];
  private readonly turns: { resolve(turn: Turn): void; reject(error: unknown): void }[] = [];
  private readonly early = new Map<number, Reply>();
  private expected = 0;
  private ended = false;
  private failure: { error: unknown } | undefined;

  constructor(
    readonly destination: string,
    private readonly span: Span,
    private readonly single: boolean,
    private readonly onEnd: () => void,
  ) {}

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  /** @param seq its place among many; one that comes before its turn waits for it */
  receive(reply: Reply, seq: number | undefined): void {
    if (seq === undefined) return this.take(reply);
    if (seq >= this.expected && this.early.size < MAX_EARLY) this.early.set(seq, reply);
    for (let turn = this.early.get(this.expected); turn && !this.ended; turn = this.early.get(this.expected)) {
      this.early.delete(this.expected++);
      this.take(turn);
    }
  }

  private take(reply: Reply): void {
    if (reply.status === 'error') return this.fail(new RemoteError(reply.type, reply.message));
    if (reply.status !== 'end') {
      const turn = this.turns.shift();
      if (turn) turn.resolve({ done: false, value: reply.data });
      else this.queue.push(reply.data);
    }
    if (this.single || reply.status !== 'more') this.end();
  }

  fail(error: unknown): void {
    if (this.ended) return;
    recordError(this.span, error, failureType(error));
    const turn = this.turns.shift();
    if (turn) turn.reject(error);
    else this.failure = { error };
    this.end();
  }

  next(): Promise<Turn> {
    const value = this.queue.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    const { failure } = this;
    this.failure = undefined;
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what was thrown, whatever it is
    if (failure) return Promise.reject(failure.error);
    if (this.ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.turns.push({ resolve, reject }));
  }

  return(): Promise<Turn> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd();
    this.span.end();
    for (const turn of this.turns.splice(0)) turn.resolve({ done: true, value: undefined });
  }
}
