import type { Processing } from './processing.js';
import { KEEP_HEADER, keepHub } from '../../src/index.js';
import { OutgoingHeaders } from './outgoing-headers.js';
import { ABOUT, PublisherSwitch, type Publisher } from './publisher.js';
import type { NatsHeaders, NatsMessage, NatsPublishOptions, Payload } from './types.js';

/** The one place where replies go out. */
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
        publishWithKeep(protocol, this[ABOUT], subject, payload, options);
        this[ABOUT].answered();
      }
    },
);

/** Lets a message's answer be seen, and its span be found: `respond` does what it did, and tells the span. */
export function watchAnswer(message: NatsMessage, processing: Processing): void {
  responders.install(message, processing);
}

/**
 * Sends an answer, with a header that tells the caller to keep the trace too. An empty answer without headers stays as it is:
 * it is some protocols' mark of an end. One that our header makes too large goes without it.
 */
function publishWithKeep(
  protocol: Publisher,
  { span }: Processing,
  subject: string,
  payload: Payload | undefined,
  options: NatsPublishOptions | undefined,
): void {
  const mark = keepHub().mark(span);
  if (mark !== undefined && (options?.headers || (payload !== undefined && payload.length > 0))) {
    const headers = new OutgoingHeaders(options?.headers);
    headers.set(KEEP_HEADER, mark);
    try {
      protocol.publish(subject, payload, { ...options, headers: headers as unknown as NatsHeaders });
      return;
    } catch {
      // as it would be without us, be that an error
    }
  }
  protocol.publish(subject, payload, options);
}
