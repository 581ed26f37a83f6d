import { NoRespondersError, RequestTimeoutError } from '../../src/index.js';

export type MemoryHeaders = Readonly<Record<string, string>>;

/** A message on the in-process bus. */
export interface MemoryMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: MemoryHeaders;
  /** Where an answer is expected. */
  readonly reply?: string;
  /** @returns whether an answer was expected */
  respond(data: Uint8Array, headers?: MemoryHeaders): boolean;
}

export type MemoryHandler = (message: MemoryMessage) => unknown;

export interface MemoryPublishOptions {
  headers?: MemoryHeaders;
  reply?: string;
}

export interface MemorySubscribeOptions {
  /** Of the subscriptions of one queue, each message goes to one, in turn. */
  queue?: string;
}

interface Subscription {
  readonly handler: MemoryHandler;
  readonly queue: string | undefined;
}

/** A bus within one process: publish, subscribe and request by exact subject, delivered in order on a later turn. */
export class MemoryBus {
  private readonly subscriptions = new Map<string, Subscription[]>();
  private inboxes = 0;

  /** @returns how many subscribers get the message */
  publish(subject: string, data: Uint8Array, { headers = {}, reply }: MemoryPublishOptions = {}): number {
    const respond = (answer: Uint8Array, own?: MemoryHeaders): boolean => {
      if (reply !== undefined) this.publish(reply, answer, own && { headers: own });
      return reply !== undefined;
    };
    const message = { subject, data, headers, respond, ...(reply !== undefined && { reply }) };
    const receivers = this.receivers(subject);
    for (const { handler } of receivers) setImmediate(handler, message);
    return receivers.length;
  }

  /** @returns a function that ends the subscription */
  subscribe(subject: string, handler: MemoryHandler, { queue }: MemorySubscribeOptions = {}): () => void {
    const subscription = { handler, queue };
    this.subscriptions.set(subject, [...(this.subscriptions.get(subject) ?? []), subscription]);
    return () => {
      const left = (this.subscriptions.get(subject) ?? []).filter((other) => other !== subscription);
      if (left.length > 0) this.subscriptions.set(subject, left);
      else this.subscriptions.delete(subject);
    };
  }

  /**
   * @param timeout ms
   * @throws NoRespondersError at once when nobody is subscribed, RequestTimeoutError when nobody answers in time
   */
  request(
    subject: string,
    data: Uint8Array,
    { timeout = 1000, headers = {} }: { timeout?: number; headers?: MemoryHeaders } = {},
  ): Promise<MemoryMessage> {
    const reply = `_inbox.${++this.inboxes}`;
    return new Promise((resolve, reject) => {
      const unsubscribe = this.subscribe(reply, (message) => {
        clearTimeout(timer);
        unsubscribe();
        resolve(message);
      });
      const timer = setTimeout(() => {
        unsubscribe();
        reject(new RequestTimeoutError(subject, timeout));
      }, timeout);
      if (this.publish(subject, data, { headers, reply }) > 0) return;
      clearTimeout(timer);
      unsubscribe();
      reject(new NoRespondersError(subject));
    });
  }

  /** All subscriptions without a queue, and of each queue the one whose turn it is, which goes to the end of the line. */
  private receivers(subject: string): Subscription[] {
    const all = this.subscriptions.get(subject) ?? [];
    const queues = new Set<string>();
    const receivers = all.filter(({ queue }) => queue === undefined || (!queues.has(queue) && queues.add(queue)));
    if (queues.size > 0) {
      const served = new Set(receivers.filter(({ queue }) => queue !== undefined));
      this.subscriptions.set(subject, [...all.filter((one) => !served.has(one)), ...served]);
    }
    return receivers;
  }
}
