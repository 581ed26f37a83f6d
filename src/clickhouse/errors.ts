/** What went wrong, as a word that programs can compare. */
export type ClickHouseErrorCode =
  | 'invalid-url'
  | 'unreachable'
  | 'unauthorized'
  | 'not-clickhouse'
  | 'no-schema'
  | 'query-failed'
  | 'aborted'
  | 'embedded-missing'
  | 'embedded-failed'
  | 'port-in-use'
  | 'data-in-use';

/** Every failure on the ClickHouse side: one readable line in `message`, the original error in `cause`. */
export class ClickHouseError extends Error {
  override readonly name = 'ClickHouseError';

  constructor(
    readonly code: ClickHouseErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const unreachableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
]);

/** The fields that `@clickhouse/client` and Node put on their errors. */
interface ForeignError {
  message: string;
  code?: string;
  type?: string;
}

/** Turns what the HTTP client threw into a ClickHouseError with one line that says what to look at. */
export function toClickHouseError(error: unknown, url: string): ClickHouseError {
  if (error instanceof ClickHouseError) return error;
  const { message, code, type } = describe(error);
  const fail = (kind: ClickHouseErrorCode, text: string) => new ClickHouseError(kind, text, { cause: error });

  if (code !== undefined && unreachableCodes.has(code)) {
    return fail('unreachable', `ClickHouse does not answer at ${url} (${code}); is it running, and is the URL right?`);
  }
  // What ClickHouse itself says has a type, and may quote anything.
  if (type === undefined && /socket hang up|Timeout error/i.test(message)) {
    return fail('unreachable', `ClickHouse at ${url} closed the connection or took too long: ${oneLine(message)}`);
  }
  const refused = type === 'AUTHENTICATION_FAILED' || type === 'REQUIRED_PASSWORD';
  // A proxy's 401 is not a ClickHouse exception and has no type.
  if (refused || (type === undefined && /\b401\b|unauthorized/i.test(message))) {
    return fail('unauthorized', `ClickHouse at ${url} refused the user or password (401); set --user and --password`);
  }
  if (error instanceof SyntaxError || /^\s*</.test(message)) {
    return fail('not-clickhouse', `what answers at ${url} is not ClickHouse (it sent something else than data)`);
  }
  if (type === 'UNKNOWN_TABLE' || type === 'UNKNOWN_DATABASE') {
    // the query that follows says nothing that the name does not
    return fail('no-schema', `${oneLine(message.split(' in scope ')[0]!)}; run \`spanbus migrate\` first`);
  }
  return fail('query-failed', oneLine(message));
}

function describe(error: unknown): ForeignError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, type } = error as { code?: unknown; type?: unknown };
  const nested =
    error instanceof AggregateError ? (error.errors[0] as { code?: unknown } | undefined)?.code : undefined;
  const found = code ?? nested;
  return {
    message: error.message || (typeof found === 'string' ? found : error.name),
    ...(typeof found === 'string' ? { code: found } : {}),
    ...(typeof type === 'string' ? { type } : {}),
  };
}

/** The first 400 characters of a text, without line breaks. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 400);
}
