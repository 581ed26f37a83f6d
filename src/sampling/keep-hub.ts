import type { Span } from '@opentelemetry/api';
import { randomUUID } from 'node:crypto';
import { traceWordsOf, type TraceWords } from '../trace/ids.js';
import { SpanbusSpan } from '../trace/span.js';
import { decodeKeeps, encodeKeeps, formatMark, MAX_KEEPS_PER_MESSAGE, parseMark } from './keep-message.js';
import type { Keep } from './kept-traces.js';

/** A bus that carries keep messages: `send` must not throw and must not be traced. */
export interface KeepChannel {
  send(message: Uint8Array): void;
}

/** A process's sampling, as the hub knows it. */
export interface KeepListener {
  /** Somebody else keeps a trace. */
  hear(keep: Keep): void;
  hearShare(share: number): void;
  /** How long a message was on its way, ms. */
  hearLag(ms: number): void;
  keepOf(trace: TraceWords): Keep | undefined;
  share(): number;
  /** The bus was away: messages may have been lost. */
  reconnected(): void;
}

/** At most one message per channel in this time, ms: 100 a second. The first of a lull goes at once. */
const SEND_EVERY_MS = 10;

/**
 * Where sampling and buses of a process meet, so that neither needs to know the other: adapters bring channels and tell what they
 * heard, samplings say what they keep. A keep that was heard is never sent again.
 */
export class KeepHub {
  private readonly id = randomUUID();
  private readonly channels = new Set<KeepChannel>();
  /** An array: it is gone through for every message that is sent. */
  private listeners: readonly KeepListener[] = [];
  private pending: Keep[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sentAt = 0;
  readonly counters = { messagesSent: 0, messagesReceived: 0 };

  /** @returns a function that takes the channel away again, and says whether it was there still */
  addChannel(channel: KeepChannel): () => boolean {
    this.channels.add(channel);
    return () => this.channels.delete(channel);
  }

  addListener(listener: KeepListener): () => void {
    this.listeners = [...this.listeners, listener];
    return () => {
      this.listeners = this.listeners.filter((other) => other !== listener);
    };
  }

  /** A message came in on a channel. Never throws. */
  receive(message: Uint8Array): void {
    const heard = decodeKeeps(message);
    if (!heard || heard.from === this.id) return;
    this.counters.messagesReceived++;
    for (const listener of this.listeners) {
      listener.hearShare(heard.share);
      listener.hearLag(Math.max(0, Date.now() - heard.at));
      for (const keep of heard.keeps) listener.hear(keep);
    }
  }

  /** A keep came in with a message's headers, as {@link mark} wrote it. Never throws. */
  hear(traceId: string, mark: string): void {
    const keep = parseMark(traceId, mark);
    if (keep) for (const listener of this.listeners) listener.hear(keep);
  }

  /** What headers say of a trace that this process keeps: the reason, and its weight; undefined when it does not. */
  mark(span: Span): string | undefined {
    // a span of ours is asked for numbers, which it has; of any other there is text
    return this.markOf(span instanceof SpanbusSpan ? span : traceWordsOf(span.spanContext().traceId));
  }

  /** The same, by the trace's id. */
  markOf(trace: TraceWords): string | undefined {
    for (let i = 0; i < this.listeners.length; i++) {
      const keep = this.listeners[i]!.keepOf(trace);
      if (keep) return formatMark(keep);
    }
    return undefined;
  }

  /** Tells everybody else, now or within 10 ms. */
  announce(keep: Keep, by: KeepListener): void {
    for (const listener of this.listeners) if (listener !== by) listener.hear(keep);
    if (this.channels.size === 0) return;
    this.pending.push(keep);
    this.timer ??= setTimeout(() => this.send(), Math.max(0, this.sentAt + SEND_EVERY_MS - Date.now())).unref();
  }

  /** Sends all that waits now, as before a shutdown. */
  flush(): void {
    while (this.pending.length > 0) this.send();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Sends one message, and the rest a little later. */
  private send(): void {
    const keeps = this.pending.splice(0, MAX_KEEPS_PER_MESSAGE);
    const share = Math.min(1, ...this.listeners.map((listener) => listener.share()));
    const message = encodeKeeps({ from: this.id, at: Date.now(), share, keeps });
    this.counters.messagesSent++;
    this.sentAt = Date.now();
    for (const channel of this.channels) {
      try {
        channel.send(message);
      } catch {
        // a bus that is closing: the backstop in ClickHouse has the keep
      }
    }
    clearTimeout(this.timer);
    this.timer = this.pending.length > 0 ? setTimeout(() => this.send(), SEND_EVERY_MS).unref() : undefined;
  }

  /** A channel's bus is back after it was away. */
  reconnected(): void {
    for (const listener of this.listeners) listener.reconnected();
  }
}

const KEY = Symbol.for('spanbus.keep-hub.2');

/** The process's hub; one, however many copies of this code are loaded. */
export function keepHub(): KeepHub {
  const holder = globalThis as { [KEY]?: KeepHub };
  return (holder[KEY] ??= new KeepHub());
}
