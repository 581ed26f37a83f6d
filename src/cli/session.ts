import { connect, resolveConnection, Session } from '../clickhouse/client.js';
import { computeExact } from '../views/exact.js';
import { countUnseen } from '../views/read.js';
import { wholeHours, type Window } from '../views/window.js';
import { NotFoundError } from './errors.js';
import { connectionOf, iso, type ConnectionFlags } from './options.js';
import { say, startProgress } from './output.js';

/** Opens a session on the database that the flags name, hands it over, and closes the connection whatever happens. */
export async function withSession<T>(flags: ConnectionFlags, use: (session: Session) => Promise<T>): Promise<T> {
  const connection = resolveConnection(connectionOf(flags));
  const client = connect(connection);
  try {
    return await use(await Session.open(client, connection));
  } finally {
    await client.close();
  }
}

/**
 * Makes the views of these jobs ready for a window and returns the window to ask them for: whole hours of the aggregates, with a word
 * on stderr about rounding and about spans that no job has seen; or, when `exact`, computed straight from the spans for this session.
 */
export async function prepareViews(
  session: Session,
  jobs: string[],
  window: Window,
  options: { exact?: boolean; trace?: string | undefined },
): Promise<Window> {
  if (options.exact === true || options.trace !== undefined) {
    const progress = startProgress('computing from the spans');
    const { trace } = options;
    const over = trace === undefined ? window : { trace };
    const found = await computeExact(session, jobs, over).finally(progress.end);
    if (trace !== undefined && found === 0) {
      throw new NotFoundError(`there is no trace ${JSON.stringify(trace.slice(0, 64))}`);
    }
    return { from: 0, to: Date.UTC(2105, 0) };
  }
  const hours = wholeHours(window);
  if (hours.from !== window.from || hours.to !== window.to) {
    say(`the window is rounded to whole hours, ${iso(hours.from)} to ${iso(hours.to)}; --exact takes it as given`);
  }
  const unseen = await countUnseen(session, hours, jobs);
  if (unseen > 0) say(`${unseen} spans have arrived that no job has seen yet; \`spanbus jobs run\` adds them`);
  return hours;
}
