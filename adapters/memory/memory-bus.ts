/** A message on the in-process bus. */
export interface MemoryMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** Where an answer is expected. */
  readonly reply?: string;
  respond(data: Uint8Array): boolean;
}

export type MemoryHandler = (message: MemoryMessage) => unknown;

export interface MemoryPublishOptions {
  headers?: Readonly<Record<string, string>>;
  reply?: string;
}

export class NoRespondersError extends Error {
  override readonly name = 'NoRespondersError';
}

export class RequestTimeoutError extends Error {
  override readonly name = 'RequestTimeoutError';
}

/** A bus within one process: publish, subscribe and request by exact subject, delivered in order on a later turn. */
export class MemoryBus {
  private readonly handlers = new Map<string, Set<MemoryHandler>>();
  private inboxes = 0;

  publish(subject: string, data: Uint8Array, options: MemoryPublishOptions = {}): void {
    const { headers = {}, reply } = options;
    const respond = (answer: Uint8Array): boolean => {
      if (reply !== undefined) this.publish(reply, answer);
      return reply !== undefined;
    };
    const message = { subject, data, headers, respond, ...(reply !== undefined && { reply }) };
    for (const handler of this.handlers.get(subject) ?? []) setImmediate(handler, message);
  }

  /** @returns a function that ends the subscription */
  subscribe(subject: string, handler: MemoryHandler): () => void {
    const handlers = this.handlers.get(subject) ?? new Set();
    this.handlers.set(subject, handlers.add(handler));
    return () => {
      handlers.delete(handler);
      if (handlers.size === 0) this.handlers.delete(subject);
    };
  }

  /**
   * @param timeout ms
   * @throws NoRespondersError at once when nobody is subscribed, RequestTimeoutError when nobody answers in time
   */
  request(
    subject: string,
    data: Uint8Array,
    { timeout = 1000, headers = {} }: { timeout?: number; headers?: Readonly<Record<string, string>> } = {},
  ): Promise<MemoryMessage> {
    if (!this.handlers.has(subject)) return Promise.reject(new NoRespondersError(`nobody is subscribed to ${subject}`));
    const reply = `_inbox.${++this.inboxes}`;
    return new Promise((resolve, reject) => {
      const unsubscribe = this.subscribe(reply, (message) => {
        clearTimeout(timer);
        unsubscribe();
        resolve(message);
      });
      const timer = setTimeout(() => {
        unsubscribe();
        reject(new RequestTimeoutError(`no answer from ${subject} within ${timeout} ms`));
      }, timeout);
      this.publish(subject, data, { headers, reply });
    });
  }
}
