import type { Processing } from './processing.js';
import { ABOUT, PublisherSwitch } from './publisher.js';
import type { NatsMessage, NatsPublishOptions, Payload } from './types.js';

/** The one place where replies go out: a header for the caller would be added here. */
const responders = new PublisherSwitch<Processing>(
  (protocol) =>
    class Responder {
      readonly [ABOUT]: Processing;

      constructor(processing: Processing) {
        this[ABOUT] = processing;
      }

      publish(subject: string, payload?: Payload, options?: NatsPublishOptions): void {
        const error = options?.headers?.get?.('Nats-Service-Error');
        if (error) this[ABOUT].answeredError(error, options?.headers?.get?.('Nats-Service-Error-Code'));
        protocol.publish(subject, payload, options);
        this[ABOUT].answered();
      }
    },
);

/** Lets a message's answer be seen, and its span be found: `respond` does what it did, and tells the span. */
export function watchAnswer(message: NatsMessage, processing: Processing): void {
  responders.install(message, processing);
}
