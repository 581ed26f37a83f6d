import { ROOT_CONTEXT } from '@opentelemetry/api';
import { keepHub, withSpan } from '../../src/index.js';
import type { ConnectionTracing } from './connection-tracing.js';
import type { Destinations } from './destination.js';
import { recordFailure } from './failures.js';
import type { NatsIterator } from './types.js';

/** What a server says of a message that it refused, in the words of either client generation. */
interface ErrorStatus {
  type?: unknown;
  error?: Error & { operation?: unknown; subject?: unknown };
  data?: unknown;
  permissionContext?: { operation?: unknown; subject?: unknown };
}

/**
 * A server refuses a publish after it was sent: the span has ended, and the client tells only its status listeners. The
 * refusal becomes a failed child of the last publish on that subject.
 */
export class Refusals {
  constructor(
    private readonly tracing: ConnectionTracing,
    private readonly publishes: Destinations,
  ) {}

  /** Follows the connection until it closes. @param onRefused gets the subject of every publish that was refused */
  async watch(events: NatsIterator<unknown>, onRefused: (subject: string) => void): Promise<void> {
    try {
      for await (const event of events) this.notice(event as ErrorStatus, onRefused);
    } catch {
      // an iterator that fails only ends our watching
    }
  }

  private notice(status: ErrorStatus, onRefused: (subject: string) => void): void {
    if (status.type === 'reconnect') {
      this.tracing.moved();
      keepHub().reconnected();
    }
    const { operation, subject } = status.permissionContext ?? status.error ?? {};
    if (operation !== 'publish' || typeof subject !== 'string') return;
    onRefused(subject);
    const destination = this.publishes.get(subject);
    if (!destination?.last) return;
    const parent = withSpan(ROOT_CONTEXT, destination.last);
    const span = this.tracing.tracer.startSpan(destination.name, destination.options, parent);
    const refusal = new Error(`Permissions Violation for Publish to "${subject}"`);
    const error = status.error ?? Object.assign(refusal, { code: status.data });
    recordFailure(span, error);
    span.end();
  }
}
