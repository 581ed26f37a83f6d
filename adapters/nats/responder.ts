import type { Processing } from './processing.js';
import { PublisherSwitch, type Publisher } from './publisher.js';
import { keepHub } from '../../src/index.js';
import { KEEP_HEADER } from './keeps.js';
import { OutgoingHeaders } from './outgoing-headers.js';
import type { NatsHeaders, NatsMessage, NatsPublishOptions, Payload } from './types.js';

/** The one place where replies go out: a header for the caller would be added here. */
const responders = new PublisherSwitch<Processing>(
  (protocol) =>
    class Responder {
      constructor(private readonly processing: Processing) {}

      publish(subject: string, payload?: Payload, options?: NatsPublishOptions): void {
        const error = options?.headers?.get?.('Nats-Service-Error');
        if (error) this.processing.answeredError(error, options?.headers?.get?.('Nats-Service-Error-Code'));
        publishWithKeep(protocol, this.processing, subject, payload, options);
        this.processing.answered();
      }
    },
);

/** Lets the answer to a request be seen: `message.respond` does what it did, and tells the message's span. */
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
  const mark = keepHub().mark(span.spanContext().traceId);
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
