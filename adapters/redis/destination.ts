import { SpanKind, type Attributes, type SpanOptions } from '@opentelemetry/api';
import { templateOf } from '../../src/index.js';
import { CommandStart } from './envelope-writer.js';
import type { NameTest } from './options.js';
import type { RedisLike } from './types.js';

export type Operation = 'publish' | 'process' | 'settle';

/** What spans of one operation on one channel, list or stream have in common: made once, shared, frozen. */
export interface Destination {
  readonly name: string;
  readonly options: SpanOptions;
  /** Whether context is written beside the messages. */
  readonly wrapped: boolean;
  /** Commands with the name and one more argument, as they begin on the wire: all that comes before the last argument. */
  readonly commands: Readonly<Record<string, CommandStart>>;
}

const TYPES: Record<Operation, string> = { publish: 'send', process: 'process', settle: 'settle' };
const KINDS: Record<Operation, SpanKind> = {
  publish: SpanKind.PRODUCER,
  process: SpanKind.CONSUMER,
  settle: SpanKind.CLIENT,
};
const MAX_CACHED = 2_000;

/** Channels of the server and of spanbus itself: traffic of the plumbing, not of agents. */
const PLUMBING = /^(?:__|spanbus:)/;

export function isPlumbing(channel: string): boolean {
  // most names are told by their first letter
  const first = channel.charCodeAt(0);
  return (first === 95 || first === 115) && PLUMBING.test(channel);
}

/** Attributes that name the server a client talks to; of a cluster, the first node it was given. */
export function serverAttributes(client: RedisLike): Attributes {
  const first = client.startupNodes?.[0];
  const { host, port, path } = (typeof first === 'object' && first ? first : client.options) as RedisLike['options'];
  const attributes: Attributes = {};
  if (path !== undefined) attributes['server.address'] = path;
  else if (host !== undefined) {
    attributes['server.address'] = host;
    if (port !== undefined) attributes['server.port'] = Number(port);
  }
  const name = client.options.connectionName ?? client.options.redisOptions?.connectionName;
  if (name) attributes['messaging.client.id'] = name;
  return attributes;
}

/** How a command of three words begins as RESP has it. */
function beginning(...words: string[]): CommandStart {
  const text = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
  return new CommandStart(Buffer.from(`*3\r\n${text}`));
}

/** Makes and remembers the {@link Destination}s of one operation. */
export class Destinations {
  private readonly known = new Map<string, Destination>();

  /** @param common attributes of every span */
  constructor(
    private readonly operation: Operation,
    private readonly common: Attributes,
    private readonly isWrapped: NameTest = () => false,
  ) {}

  get(name: string): Destination {
    let destination = this.known.get(name);
    if (!destination) {
      destination = this.make(name);
      if (this.known.size >= MAX_CACHED) this.known.clear();
      this.known.set(name, destination);
    }
    return destination;
  }

  private make(name: string): Destination {
    const { operation } = this;
    const template = templateOf(name);
    const attributes: Attributes = {
      'messaging.system': 'redis',
      'messaging.operation.name': operation,
      'messaging.operation.type': TYPES[operation],
      'messaging.destination.name': name,
      ...(template !== name && { 'messaging.destination.template': template }),
      ...this.common,
    };
    return Object.freeze({
      name: `${operation} ${template}`,
      options: Object.freeze({ kind: KINDS[operation], attributes: Object.freeze(attributes) }),
      wrapped: this.isWrapped(name),
      commands: { publish: beginning('publish', name), spublish: beginning('spublish', name) },
    });
  }
}
