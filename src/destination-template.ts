/** UUIDs, ULIDs, nuids, numbers and long hex: parts of a name that tell an instance, not a kind. */
const ID =
  /^(?:\d+|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}|[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{16,}|(?=.*\d)[0-9A-Za-z]{22})$/;

const PLACEHOLDER = '{id}';

/**
 * A destination's name with the ids in it replaced, so that tables group by kind: `agents:4711:ask` is `agents:{id}:ask`.
 * Parts are what `.`, `:` and `/` separate; braces around an id (a Redis hash tag) go with it. The same string when there is
 * no id in it.
 */
export function templateOf(name: string): string {
  let changed = false;
  const parts = name.split(/([.:/])/);
  for (let i = 0; i < parts.length; i += 2) {
    const part = parts[i]!;
    if (!ID.test(part.startsWith('{') && part.endsWith('}') ? part.slice(1, -1) : part)) continue;
    parts[i] = PLACEHOLDER;
    changed = true;
  }
  return changed ? parts.join('') : name;
}
