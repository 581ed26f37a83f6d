import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Scripts that pages carry inside, built from src/report/browser. */
export type BrowserScript = 'flame' | 'report' | 'trace';

/**
 * Reads a built script: it lies beside the bundled command line in dist, or in dist seen from the sources.
 * @throws Error when the package has not been built
 */
export function browserScript(name: BrowserScript): string {
  const places = [`./browser/${name}.js`, `../../dist/browser/${name}.js`];
  const path = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((file) => existsSync(file));
  if (path === undefined) throw new Error(`browser/${name}.js is missing from dist: run "npm run build"`);
  return readFileSync(path, 'utf8').trim();
}
