import { type Session } from '../clickhouse/client.js';
import { type Begun } from './build.js';
import { type HourEstimate } from './plan.js';

export interface DiscoverOptions {
  from?: number;
  to?: number;
  marginSeconds: number;
  maxTraceDays: number;
}

export interface Discovery {
  /** The hours to rebuild, oldest first. */
  hours: HourEstimate[];
  /** Taken before any span was read. */
  begun: Begun;
  /** The time up to which spans have been seen, where all that is new was looked at. */
  seen: string | undefined;
  /** Whether the traces in `touched` are all there are in these hours, and in no other. */
  whole: boolean;
}

const always = { from: '1970-01-01 00:00:00', to: '2106-02-07 06:00:00' };
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Finds the traces that new spans touched, or those of a window, notes which hours they belong to, and says which hours to rebuild. */
export async function discover(session: Session, jobs: string[], options: DiscoverOptions): Promise<Discovery> {
  const window = windowOf(options);
  const { marginSeconds: margin, maxTraceDays: days } = options;
  let seen: string | undefined;
  if (window === undefined) {
    const [mark] = await session.select<{ now: string; since: string }>('jobs/discover/watermark', { jobs, margin });
    await session.run('jobs/discover/new_spans', { since: mark?.since ?? '' });
    seen = mark?.now ?? '';
  } else {
    await session.run('jobs/discover/window_spans', { ...window, days });
  }
  await session.run('jobs/discover/note_hours');
  const known = await session.run('jobs/discover/known', { days });
  if (known > 0) await session.run('jobs/discover/note_moves');
  const all = window === undefined ? 0 : 1;
  const now = seen ?? session.opened;
  const rows = await session.select<HourEstimate & Begun & { reach: string }>('jobs/discover/hours', {
    ...{ jobs, all, now },
    ...(window ?? always),
  });
  const { version = '0', started = '1970-01-01 00:00:00', reach = '0' } = rows[0] ?? {};
  // Where a trace reaches beyond the days that a window looks at, its notes know more of it than what was touched.
  const looked = BigInt(Date.parse(`${(window ?? always).to}Z`) + days * dayMs) * 1_000_000n;
  return {
    hours: rows,
    begun: { version, started },
    seen,
    whole: window !== undefined && known === 0 && BigInt(reach) < looked,
  };
}

/** The window in whole hours as ClickHouse reads it, or undefined when none was asked for. */
function windowOf({ from, to }: { from?: number; to?: number }): { from: string; to: string } | undefined {
  if (from === undefined && to === undefined) return undefined;
  const text = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
  return {
    from: from === undefined ? always.from : text(Math.floor(from / hourMs) * hourMs),
    to: to === undefined ? always.to : text(Math.ceil(to / hourMs) * hourMs),
  };
}
