import { shownUrl } from '../clickhouse-url.js';
import { ClickHouseError } from './errors.js';

const TIMEOUT_MS = 5_000;

/**
 * What to say of a server whose refusal is no ClickHouse exception: the client library tells only the body of an answer, and a proxy
 * says with the status what it wants. The error as it is when the status says nothing either.
 */
export async function lookCloser(error: ClickHouseError, url: string): Promise<ClickHouseError> {
  const typed = (error.cause as { type?: unknown } | undefined)?.type !== undefined;
  if (error.code !== 'query-failed' || typed || !URL.canParse(url)) return error;
  const answer = await fetch(new URL('/ping', url), {
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => undefined);
  if (!answer || answer.ok) return error;
  await answer.body?.cancel();
  const { status } = answer;
  const shown = shownUrl(url);
  const cause = { cause: error.cause };
  if (status === 401 || status === 403) {
    const line = `what answers at ${shown} refused the user or password (${status}); set --user and --password`;
    return new ClickHouseError('unauthorized', line, cause);
  }
  if (status >= 300 && status < 400) {
    const to = answer.headers.get('location');
    const where = to !== null && URL.canParse(to, url) ? ` to ${shownUrl(new URL(to, url).href)}` : '';
    return new ClickHouseError(
      'not-clickhouse',
      `what answers at ${shown} redirects${where} (${status}); give ClickHouse's own URL`,
      cause,
    );
  }
  return new ClickHouseError('not-clickhouse', `what answers at ${shown} is not ClickHouse (status ${status})`, cause);
}
