import { facade } from './facade.js';
import type { NatsMessage, NatsPublishOptions, Payload } from './types.js';

/** What a message answers through: the client's protocol, of which the clients use more than `publish` for acks. */
export interface Publisher {
  publish(subject: string, payload?: Payload, options?: NatsPublishOptions): void;
}

interface AnswerableMessage extends NatsMessage {
  publisher?: Publisher;
}

type PublisherClass<A> = new (about: A) => Publisher;

/**
 * Puts publishers of our own before a message's: everything but what `makeClass` defines is the protocol's. One class
 * serves all messages of a connection, so that a message's publisher is one small object.
 */
export class PublisherSwitch<A> {
  private readonly classes = new WeakMap<Publisher, PublisherClass<A>>();

  constructor(private readonly makeClass: (protocol: Publisher) => PublisherClass<A>) {}

  /** Does nothing to messages of a client that answers in another way. */
  install(message: NatsMessage, about: A): void {
    const answerable = message as AnswerableMessage;
    const { publisher } = answerable;
    if (typeof publisher?.publish !== 'function') return;
    let Class = this.classes.get(publisher);
    if (!Class) {
      Class = this.makeClass(publisher);
      Object.setPrototypeOf(Class.prototype, facade(publisher, {}));
      this.classes.set(publisher, Class);
    }
    answerable.publisher = new Class(about);
  }
}
