import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cache = new Map<string, string>();

/** The folder with all SQL: `dist/sql` beside the built files, `src/sql` when the sources run. */
export const sqlFolder = [join(here, 'sql'), join(here, '..', 'sql')].find((folder) => existsSync(folder)) ?? '';

/** The text of one SQL file, by its path in the SQL folder without the ending: `readSql('queries/flame')`. */
export function readSql(name: string): string {
  let text = cache.get(name);
  if (text === undefined) {
    text = readFileSync(join(sqlFolder, `${name}.sql`), 'utf8')
      .trim()
      .replace(/;$/, '');
    cache.set(name, text);
  }
  return text;
}

/** The names of the SQL files in a folder, in order, each as `readSql` takes it. */
export function listSql(folder: string): string[] {
  return readdirSync(join(sqlFolder, folder))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => `${folder}/${file.slice(0, -'.sql'.length)}`);
}
