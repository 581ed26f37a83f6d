import type { Span } from '@opentelemetry/api';
import { recordFailure } from './failures.js';
import { inspectReply } from './reply.js';
import type { NatsIterator, NatsMessage } from './types.js';

/**
 * Makes every reply an event of the request's span when it arrives, and ends the span with the last of them, though the
 * client waits longer for more. The queue of replies itself is watched: a caller that reads slowly changes nothing.
 */
export function observeReplies(span: Span, replies: NatsIterator<NatsMessage>): NatsIterator<NatsMessage> {
  let count = 0;
  let last: number | undefined;
  const push = replies.push.bind(replies);
  replies.push = (item) => {
    if (typeof item !== 'function') {
      count++;
      last = performance.now();
      span.addEvent('reply', { 'messaging.message.body.size': item.data.length }, last);
      inspectReply(span, item);
    }
    push(item);
  };
  const stop = replies.stop.bind(replies);
  replies.stop = (error) => {
    finish(error);
    stop(error);
  };
  const finish = (error?: unknown): void => {
    if (error !== undefined) recordFailure(span, error);
    span.setAttribute('messaging.batch.message_count', count);
    span.end(error === undefined ? last : undefined);
  };
  return replies;
}
