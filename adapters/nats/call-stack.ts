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
  // stacks are other than text where a program formats them its own way
  if (!(error instanceof Error) || typeof error.stack !== 'string' || typeof at.stack !== 'string') return;
  const lastLine = error.stack.slice(error.stack.lastIndexOf('\n') + 1);
  if (!isFrame(lastLine)) error.stack += at.stack.slice(at.stack.indexOf('\n'));
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}
