import { context, type Context, type Span } from '@opentelemetry/api';
import { recordFailure } from './failures.js';
import { openSpans } from './open-spans.js';
import { aboutOf } from './publisher.js';
import { recordServiceError } from './reply.js';

/** What the subscription of a message has shown about when its handler is done. */
export interface Handlers {
  /**
   * Whether a message is handled until it is answered or settled, though its callback has returned: some clients' own
   * callbacks (services, consumers) swallow the promise of the user's. Unlearned when answers do not come.
   */
  answersLater: boolean;
}

/** What is known of a message: itself being handled, or a delivery that is or will be. */
export interface Handled {
  readonly processing: Processing | undefined;
}

/** A message being handled: its span, and the context of all that is done for it. */
export class Processing implements Handled {
  /** Set when `consume` ends the span, not the loop. */
  consumed = false;
  private isAnswered = false;
  private isEnded = false;

  constructor(
    readonly span: Span,
    readonly context: Context,
    private readonly handlers: Handlers,
  ) {}

  get processing(): this {
    return this;
  }

  end(time?: number): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.span.end(time);
  }

  fail(error: unknown): void {
    recordFailure(this.span, error);
    this.end();
  }

  /** The callback has returned, or the loop was left: ends the span, unless an answer is still to come. */
  returned(): void {
    if (this.isAnswered || !this.handlers.answersLater) this.end();
    else openSpans.add(this);
  }

  /** The message was answered, or settled for good. */
  answered(): void {
    this.isAnswered = true;
    if (openSpans.delete(this)) this.end();
    else if (this.isEnded) this.handlers.answersLater = true;
  }

  /** The handler answered with a service's error. */
  answeredError(description: string, code: string | undefined): void {
    recordServiceError(this.span, description, code);
  }

  /** No answer came: the span ends with its callback. */
  abandoned(returnedAt: number): void {
    this.handlers.answersLater = false;
    this.end(returnedAt);
  }
}

/** JetStream clients and services wrap the message they got, a service's loop even twice. */
const MAX_WRAPPERS = 3;

/** The processing of a message, or of one that a JetStream client or a service made of it. */
export function processingOf(message: object): Processing | undefined {
  let inner: unknown = message;
  for (let depth = 0; depth < MAX_WRAPPERS && typeof inner === 'object' && inner !== null; depth++) {
    const about = aboutOf(inner) as Handled | undefined;
    if (about) return about.processing;
    inner = (inner as { msg?: unknown }).msg;
  }
  return undefined;
}

/**
 * The context of a message that came through a traced connection: its processing span is the current one in it.
 * For work that leaves the handler, or in a plain loop: `context.with(contextOf(message), fn)`.
 */
export function contextOf(message: object): Context {
  return processingOf(message)?.context ?? context.active();
}
