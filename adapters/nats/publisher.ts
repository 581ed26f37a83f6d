import { facade } from './facade.js';
import type { NatsMessage, NatsPublishOptions, Payload } from './types.js';

/** What a message answers through: the client's protocol, of which the clients use more than `publish` for acks. */
export interface Publisher {
  publish(subject: string, payload?: Payload, options?: NatsPublishOptions): void;
}

/** A publisher of ours knows what the message it answers for is about. */
export const ABOUT = Symbol('spanbus.about');

interface AnswerableMessage extends NatsMessage {
  publisher?: Publisher & { readonly [ABOUT]?: object };
}

type PublisherClass<A> = new (about: A) => Publisher & { readonly [ABOUT]: A };

/** For messages of a client that answers in another way. */
const associated = new WeakMap<object, object>();

/**
 * Puts publishers of our own before a message's: everything but what `makeClass` defines is the protocol's. One class
 * serves all messages of a connection, so that a message's publisher is one small object. It is also where a message's span
 * is found again: a WeakMap of all messages would cost the garbage collector more than the rest of a hop.
 */
export class PublisherSwitch<A extends object> {
  private readonly classes = new WeakMap<Publisher, PublisherClass<A>>();
  private protocol: Publisher | undefined;
  private protocolClass: PublisherClass<A> | undefined;

  constructor(private readonly makeClass: (protocol: Publisher) => PublisherClass<A>) {}

  install(message: NatsMessage, about: A): void {
    const answerable = message as AnswerableMessage;
    const { publisher } = answerable;
    if (typeof publisher?.publish !== 'function') associated.set(message, about);
    else answerable.publisher = new (this.classFor(publisher))(about);
  }

  private classFor(protocol: Publisher): PublisherClass<A> {
    if (protocol === this.protocol) return this.protocolClass!;
    let Class = this.classes.get(protocol);
    if (!Class) {
      Class = this.makeClass(protocol);
      Object.setPrototypeOf(Class.prototype, facade(protocol, {}));
      this.classes.set(protocol, Class);
    }
    this.protocol = protocol;
    this.protocolClass = Class;
    return Class;
  }
}

/** What was installed for a message; undefined for messages that are not traced. */
export function aboutOf(message: object): object | undefined {
  return (message as AnswerableMessage).publisher?.[ABOUT] ?? associated.get(message);
}
