import { context, propagation } from '@opentelemetry/api';
import { ignored } from './ignored.js';

const KEY = 'gen_ai.conversation.id';

/** The conversation that is going on here, as a caller anywhere above has set it. */
export function conversationId(): string | undefined {
  return propagation.getBaggage(context.active())?.getEntry(KEY)?.value;
}

/**
 * Runs `fn` as part of a conversation: its id travels in W3C Baggage over every bus and HTTP call below, and every agent,
 * tool and model span there has it as `gen_ai.conversation.id`.
 */
export function withConversation<T>(id: string, fn: () => T): T {
  if (typeof id !== 'string') {
    ignored('withConversation');
    return fn();
  }
  const active = context.active();
  const baggage = propagation.getBaggage(active) ?? propagation.createBaggage();
  return context.with(propagation.setBaggage(active, baggage.setEntry(KEY, { value: id })), fn);
}
