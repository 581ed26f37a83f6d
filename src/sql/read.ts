import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the SQL files: `sql/` beside the bundles in a build, this file's own in the sources. */
const built = new URL('./sql/', import.meta.url);
const folder = fileURLToPath(existsSync(built) ? built : new URL('./', import.meta.url));
const cache = new Map<string, string>();

/** The text of one SQL file, by its path in the SQL folder without the ending: `readSql('queries/flame')`. */
export function readSql(name: string): string {
  let text = cache.get(name);
  if (text === undefined) {
    text = readFileSync(`${folder}${name}.sql`, 'utf8').trim().replace(/;$/, '');
    cache.set(name, text);
  }
  return text;
}

/** The names of the SQL files in a folder, in order, each as `readSql` takes it. */
export function listSql(name: string): string[] {
  return readdirSync(`${folder}${name}`)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => `${name}/${file.slice(0, -'.sql'.length)}`);
}
