/** A ClickHouse address, with the login that may stand in it taken out. */
export interface ServerUrl {
  /** Without user and password, so that it may be shown. */
  url: string;
  username: string | undefined;
  password: string | undefined;
}

/** Reads an http or https URL; undefined for anything else, also for a port that there is not. */
export function parseServerUrl(text: string): ServerUrl | undefined {
  if (!URL.canParse(text)) return undefined;
  const parsed = new URL(text);
  if (!/^https?:$/.test(parsed.protocol)) return undefined;
  const { username, password } = parsed;
  if (username === '' && password === '') return { url: text, username: undefined, password: undefined };
  parsed.username = parsed.password = '';
  const url = parsed.pathname === '/' && parsed.search === '' ? parsed.origin : parsed.href;
  return { url, username: decode(username) || undefined, password: decode(password) || undefined };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Any text that was meant as a URL, as messages may show it: without what stands before an `@` or behind a `?`. */
export function shownUrl(text: string): string {
  return text.replace(/\?.*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/*)?.*@/is, '$1');
}
