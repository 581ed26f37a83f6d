import { stackOf } from '../../src/index.js';

/** As much as is added to one error: `nats` 2 fails all requests that are open when it closes with the same. */
const MAX_ADDED_LENGTH = 65_536;
/** What `nats` 2 adds to an error for each request that it fails: the request's own stack, here without a frame. */
const BARE_STACK = /\n\nError(?=\n\n|$)/g;
const FRAME = /^\s+at /;
/** The name of Node's own formatter of stacks, which is on `Error` from the start, in some versions. */
const OWN_FORMATTER = 'ErrorPrepareStackTrace';

/**
 * Whether errors may be made without their stacks for a moment. A program may fix how many frames they have, or watch it, and
 * one that formats stacks in a way of its own could not be given a stack afterwards.
 */
export function maySpareStacks(): boolean {
  const formatter = Error.prepareStackTrace?.name;
  if (formatter !== undefined && formatter !== OWN_FORMATTER) return false;
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  // where it is no number, errors have no stack at all; with 0 they have one, without a frame
  return limit?.writable === true && typeof limit.value === 'number';
}

/**
 * Runs `act`, code of the client where {@link maySpareStacks} holds, so that no error made in it has a stack. For each request
 * it makes two, in case it fails, which takes a seventh of the request's time: see {@link giveStack}.
 */
export function withoutStacks<T>(act: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return act();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/**
 * The stack of an error that several requests failed with. Each place that asked is shown once, though thousands of requests
 * were made there, and what many requests take is in proportion to their number.
 */
class SharedStack {
  private readonly shown = new Set<string>();
  private addedLength = 0;
  private text: string | undefined;

  /** @returns the error's stack with that of `asked` in it */
  add(stack: string, asked: Error): string {
    // what was not left here was changed since: bare stacks of further requests may be in it
    let text = stack === this.text ? stack : stack.replace(BARE_STACK, '');
    if (this.addedLength < MAX_ADDED_LENGTH) {
      const own = '\n\nError' + framesOf(asked);
      if (!this.shown.has(own)) {
        this.shown.add(own);
        this.addedLength += own.length;
        text += own;
      }
    }
    return (this.text = text);
  }
}

const shared = new WeakMap<Error, SharedStack>();

function endsInFrame(stack: string): boolean {
  return FRAME.test(stack.slice(stack.lastIndexOf('\n') + 1));
}

/** The stack of an error without a message, less its first line. */
function framesOf(error: Error): string {
  const stack = stackOf(error) ?? '';
  const end = stack.indexOf('\n');
  return end < 0 ? '' : stack.slice(end);
}

/** Lets an error that was made without a stack, or that bare ones were added to, show that of `asked`. */
export function giveStack(error: unknown, asked: Error): void {
  const stack = error instanceof Error ? stackOf(error) : undefined;
  if (stack === undefined) return;
  let sharing = shared.get(error as Error);
  if (!sharing && stack.search(BARE_STACK) >= 0) shared.set(error as Error, (sharing = new SharedStack()));
  if (sharing) Reflect.set(error as Error, 'stack', sharing.add(stack, asked));
  else if (!endsInFrame(stack)) Reflect.set(error as Error, 'stack', stack + framesOf(asked));
}
