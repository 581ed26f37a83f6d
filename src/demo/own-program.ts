import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A program of the demo, as `node` is to be called for it. */
export interface OwnProgram {
  path: string;
  execArgv: string[];
}

/** The program `demo-NAME.js` of the package, or `NAME-process.ts` beside this file when it runs from its sources. */
export function ownProgram(name: string): OwnProgram {
  const built = fileURLToPath(new URL(`./demo-${name}.js`, import.meta.url));
  if (existsSync(built)) return { path: built, execArgv: [] };
  const source = fileURLToPath(new URL(`./${name}-process.ts`, import.meta.url));
  return { path: source, execArgv: ['--import', createRequire(import.meta.url).resolve('tsx')] };
}
