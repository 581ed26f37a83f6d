/** Errors of the tracing itself, never of the traced code. `code` is stable, `cause` is what was underneath. */
export class SpanbusError extends Error {
  override readonly name: string = 'SpanbusError';
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** A wrong option: thrown at once by `createTracing` and the `trace…` functions, never later. */
export class InvalidOptionError extends SpanbusError {
  override readonly name = 'InvalidOptionError';
  constructor(option: string, why: string) {
    super('INVALID_OPTION', `${option}: ${why}`);
  }
}

/** Spans that could not be stored (yet): `code` says whether the server was away or refused them. */
export class ExportError extends SpanbusError {
  override readonly name = 'ExportError';
  constructor(
    code: 'UNREACHABLE' | 'UNAUTHORIZED' | 'NOT_CLICKHOUSE' | 'NO_SCHEMA' | 'REFUSED' | 'REJECTED' | 'FLUSH_TIMEOUT',
    message: string,
    options?: { cause?: unknown },
  ) {
    super(code, message, options);
  }

  /** Whether sending the same batch again can succeed. */
  get retryable(): boolean {
    return this.code !== 'REJECTED';
  }
}
