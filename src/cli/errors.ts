/** A wrong call: unknown command, option, date or format. One line that says what to do; the process exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}

/** Something that was asked for is not there. One line; the process exits with 1. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
  readonly code = 'not-found';
}
