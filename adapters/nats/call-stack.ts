import { stackOf } from '../../src/index.js';

/** As much of an error's stack as is read to complete it: many requests that fail at once share one error, of all their stacks. */
const MAX_STACK_LENGTH = 65_536;
/** What `nats` 2 adds to an error for each request that it fails: the request's own stack, here without a frame. */
const BARE_STACK = /\n\nError(?=\n\n|$)/;
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
  return Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')?.writable === true;
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

/** Lets an error that was made without a stack, or that others were added to, show that of `asked`. */
export function giveStack(error: unknown, asked: Error): void {
  const stack = error instanceof Error ? stackOf(error) : undefined;
  if (stack === undefined || stack.length > MAX_STACK_LENGTH) return;
  const [, ...frames] = stackOf(asked)?.split('\n') ?? [];
  const bare = BARE_STACK.exec(stack);
  if (!bare && FRAME.test(stack.slice(stack.lastIndexOf('\n') + 1))) return;
  const end = bare ? bare.index + bare[0].length : stack.length;
  Reflect.set(error as Error, 'stack', [stack.slice(0, end), ...frames].join('\n') + stack.slice(end));
}
