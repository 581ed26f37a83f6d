import type { Processing } from './processing.js';
import { PublisherSwitch } from './publisher.js';
import type { NatsMessage, NatsPublishOptions, Payload } from './types.js';

/** The one place where replies go out: a header for the caller would be added here. */
const responders = new PublisherSwitch<Processing>(
  (protocol) =>
    class Responder {
      constructor(private readonly processing: Processing) {}

      publish(subject: string, payload?: Payload, options?: NatsPublishOptions): void {
        const error = options?.headers?.get?.('Nats-Service-Error');
        if (error) this.processing.answeredError(error, options?.headers?.get?.('Nats-Service-Error-Code'));
        protocol.publish(subject, payload, options);
        this.processing.answered();
      }
    },
);

/** Lets the answer to a request be seen: `message.respond` does what it did, and tells the message's span. */
export function watchAnswer(message: NatsMessage, processing: Processing): void {
  responders.install(message, processing);
}
