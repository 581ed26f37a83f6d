import { stackOf } from '../../src/index.js';

/**
 * Runs `act` so that errors made in it have no stack, as far as the program lets that be set. The clients make two for each
 * request, in case it fails, which takes a seventh of the request's time: for one that does fail, see {@link giveStack}.
 */
export function withoutStacks<T>(act: () => T): T {
  const limit = Error.stackTraceLimit;
  if (typeof limit !== 'number' || !Reflect.set(Error, 'stackTraceLimit', 0)) return act();
  try {
    return act();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Lets an error that has no stack, or ends in one that has none, show that of `at`. */
export function giveStack(error: unknown, at: Error): void {
  const stack = error instanceof Error ? stackOf(error) : undefined;
  if (stack === undefined || isFrame(stack.slice(stack.lastIndexOf('\n') + 1))) return;
  const [, ...frames] = stackOf(at)?.split('\n') ?? [];
  Reflect.set(error as Error, 'stack', [stack, ...frames].join('\n'));
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}
