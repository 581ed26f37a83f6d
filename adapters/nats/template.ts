/** UUIDs, ULIDs, nuids, numbers and long hex: parts of a subject that name an instance, not a kind. */
const ID =
  /^(?:\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{16,}|[0-9A-F]{16,}|(?=.*\d)[0-9A-Za-z]{22})$/;
const UUID_UPPER = /^[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}$/;

/** The subject with ids replaced: `agents.4711.ask` is `agents.{id}.ask`. The same string when it has none. */
export function templateOf(subject: string): string {
  let changed = false;
  const tokens = subject.split('.').map((token) => {
    if (!ID.test(token) && !UUID_UPPER.test(token)) return token;
    changed = true;
    return '{id}';
  });
  return changed ? tokens.join('.') : subject;
}
