/** A span of time in ms since 1970: `from` is in it, `to` is not. */
export interface Window {
  from: number;
  to: number;
}

const hourMs = 3_600_000;

/** The window rounded outwards to whole hours, as the aggregates have them. */
export function wholeHours({ from, to }: Window): Window {
  return { from: Math.floor(from / hourMs) * hourMs, to: Math.ceil(to / hourMs) * hourMs };
}

/** The window as query parameters `from` and `to`, in seconds. */
export function windowParams({ from, to }: Window): { from: string; to: string } {
  return { from: sqlTime(from), to: sqlTime(to) };
}

/** A time as ClickHouse reads it, in UTC; `digits` of the second's fraction. */
export function sqlTime(ms: number, digits: 0 | 3 = 0): string {
  return new Date(ms)
    .toISOString()
    .slice(0, digits === 0 ? 19 : 23)
    .replace('T', ' ');
}
