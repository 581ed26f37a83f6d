import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasDocker } from './container.js';
import { hasProgram, SERVER_PATH } from './programs.js';

/** Programs that the tests start, and the Debian package each comes in. */
const PROGRAMS = {
  'nats-server': 'nats-server',
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
  chromium: 'chromium',
  python3: 'python3',
};

const env = { ...process.env, PATH: SERVER_PATH, DEBIAN_FRONTEND: 'noninteractive' };

function install(packages: string[]): boolean {
  process.stderr.write(`installing ${packages.join(', ')} for the tests\n`);
  const apt = (...args: string[]): boolean =>
    spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  // a package's own service would take the port that a user's server wants
  return apt('update') && apt('install', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0', ...packages);
}

/** When a folder's files, or a file, were written last, in ms since 1970; 0 when there is none. */
function written(path: string): number {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info?.isDirectory()) return info?.mtimeMs ?? 0;
  return Math.max(0, ...readdirSync(path).map((name) => written(join(path, name))));
}

/** Tests run the command line as it is built, so it must be built from the sources as they are. */
function outdated(): string | undefined {
  const root = join(import.meta.dirname, '../..');
  const built = written(join(root, 'dist/cli.js'));
  const sources = Math.max(...['src', 'adapters'].map((folder) => written(join(root, folder))));
  if (built >= sources) return undefined;
  return `the tests run dist/cli.js, which is ${built === 0 ? 'not there' : 'older than its sources'}: npm run build, then run again`;
}

/**
 * Sees to it that the servers of the tests can be started: those on the machine, else Docker's, else Debian's
 * packages when root; and that what is tested is built.
 *
 * @returns a line that says what to do when that is not possible
 */
export async function prepare(): Promise<string | undefined> {
  const stale = outdated();
  if (stale !== undefined) return stale;
  const docker = await hasDocker();
  const missing = Object.entries(PROGRAMS).filter(
    ([program]) => !hasProgram(program) && !(docker && program !== 'chromium'),
  );
  if (missing.length === 0) return undefined;
  const packages = missing.map(([, name]) => name);
  const canInstall = process.getuid?.() === 0 && hasProgram('apt-get');
  if (canInstall && install(packages) && missing.every(([program]) => hasProgram(program))) return undefined;
  return `the tests need ${missing.map(([p]) => p).join(', ')}: install them (Debian: apt-get install -y ${packages.join(' ')}) and run again`;
}
