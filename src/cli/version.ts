import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version of this package. */
export function packageVersion(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (const up of ['..', join('..', '..')]) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(here, up, 'package.json'), 'utf8')) as Record<
        string,
        string
      >;
      if (name === 'spanbus' && version !== undefined) return version;
    } catch {
      // look further up
    }
  }
  return 'unknown';
}
