import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the SQL files: beside this file in the sources, `sql/` beside the bundles in a build. */
const built = new URL('./sql/', import.meta.url);
export const SQL_DIR = fileURLToPath(existsSync(built) ? built : new URL('./', import.meta.url));

/** The text of one SQL file, named as `folder/name` without its ending. */
export function readSql(name: string): string {
  return readFileSync(`${SQL_DIR}${name}.sql`, 'utf8');
}
