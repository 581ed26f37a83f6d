import { EventEmitter } from 'node:events';
import { RepeatedText } from '../../src/index.js';
import { decodeEnvelope, type Envelope } from './envelope.js';
import { isThenable } from './process.js';
import type { RedisLike } from './types.js';

type Listener = (...args: unknown[]) => unknown;
/**
 * Has the listeners called, by `call`, which returns the promises that they returned, if any.
 * Listeners that return nothing are most, and cost no more than calling them.
 */
export type Deliver = (
  channel: string,
  envelope: Envelope | undefined,
  call: () => PromiseLike<unknown>[] | undefined,
) => void;

/** Which event carries bytes for which: strings would damage an envelope before it is read. */
const SOURCES: Record<string, string> = {
  message: 'messageBuffer',
  pmessage: 'pmessageBuffer',
  smessage: 'smessageBuffer',
};
const isMessageEvent = (event: PropertyKey): boolean =>
  typeof event === 'string' && (event in SOURCES || (event.endsWith('Buffer') && event.slice(0, -6) in SOURCES));

/** What ioredis makes of a payload for listeners that want text; the server may also send lists of keys, or nothing. */
const textOf = (payload: unknown): string => (payload ? (payload as Buffer).toString() : '');

/**
 * The message events of a client, unwrapped: listeners hang on an emitter of ours, fed by the client's events with bytes. All
 * other events stay the client's own.
 */
export class MessageEvents {
  private readonly emitter = new EventEmitter();
  private readonly fed = new Set<string>();
  private readonly names = new RepeatedText();

  constructor(
    private readonly client: RedisLike,
    private readonly deliver: Deliver,
  ) {}

  /** The methods of an event emitter, for the facade; `self` is the facade. */
  overrides(self: () => unknown): Record<string, Listener> {
    const { client, emitter } = this;
    const methods: Record<string, Listener> = {};
    const route = (name: string, chained: boolean): void => {
      methods[name] = (event, ...rest) => {
        const ours = isMessageEvent(event as PropertyKey);
        if (ours && chained) this.feed(event as string);
        const owner = (ours ? emitter : client) as unknown as Record<string, Listener>;
        const result = owner[name]!(event, ...rest);
        return chained ? self() : result;
      };
    };
    const adding = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener', 'off', 'removeListener'];
    for (const name of adding) route(name, true);
    for (const name of ['emit', 'listeners', 'rawListeners', 'listenerCount']) route(name, false);
    methods['removeAllListeners'] = (...events) => {
      const [event] = events as [PropertyKey?];
      if (event === undefined || isMessageEvent(event)) emitter.removeAllListeners(event as string);
      // without a name the client would also lose the listeners that feed ours; they are put back
      if (event === undefined || !isMessageEvent(event)) client.removeAllListeners(event as string);
      if (event === undefined) for (const source of this.fed) this.listen(source);
      return self();
    };
    methods['eventNames'] = () => [
      ...client
        .eventNames()
        .filter((name) => !isMessageEvent(name) || client.listenerCount(name) > this.ownCount(name)),
      ...emitter.eventNames(),
    ];
    methods['setMaxListeners'] = (count) => {
      client.setMaxListeners(count as number);
      emitter.setMaxListeners(count as number);
      return self();
    };
    this.self = self;
    return methods;
  }

  private self: () => unknown = () => undefined;

  private ownCount(event: string | symbol): number {
    return this.fed.has(String(event)) ? 1 : 0;
  }

  private feed(event: string): void {
    const source = SOURCES[event] ?? event;
    if (this.fed.has(source)) return;
    this.fed.add(source);
    this.listen(source);
  }

  private listen(source: string): void {
    const text = source.slice(0, -6);
    if (source === 'pmessageBuffer') {
      this.client.on(source, (pattern: string, channel: Buffer, payload: Buffer) =>
        this.receive(text, source, channel, payload, pattern),
      );
    } else {
      this.client.on(source, (channel: Buffer, payload: Buffer) => this.receive(text, source, channel, payload));
    }
  }

  private receive(text: string, source: string, channel: Buffer, payload: Buffer, pattern?: string): void {
    const { emitter } = this;
    const [texts, buffers] = [emitter.listenerCount(text), emitter.listenerCount(source)];
    if (texts + buffers === 0) return;
    const envelope = Buffer.isBuffer(payload) ? decodeEnvelope(payload) : undefined;
    const name = this.names.read(channel);
    // as the client: text first, then bytes, and a listener that throws keeps the rest from running
    this.deliver(name, envelope, () => {
      let promises: PromiseLike<unknown>[] | undefined;
      if (texts > 0) {
        promises = this.call(text, pattern, name, envelope ? envelope.text() : textOf(payload), promises);
      }
      if (buffers === 0) return promises;
      return this.call(source, pattern, channel, envelope ? envelope.payload : payload, promises);
    });
  }

  private call(
    event: string,
    pattern: string | undefined,
    channel: unknown,
    message: unknown,
    promises: PromiseLike<unknown>[] | undefined,
  ): PromiseLike<unknown>[] | undefined {
    const self = this.self();
    for (const listener of this.emitter.rawListeners(event) as Listener[]) {
      const { listener: once } = listener as { listener?: Listener };
      if (once) this.emitter.removeListener(event, listener);
      const handler = once ?? listener;
      const result =
        pattern === undefined ? handler.call(self, channel, message) : handler.call(self, pattern, channel, message);
      if (isThenable(result)) (promises ??= []).push(result);
    }
    return promises;
  }
}
