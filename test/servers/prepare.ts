import { spawnSync } from 'node:child_process';
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

/**
 * Sees to it that the servers of the tests can be started: those on the machine, else Docker's, else Debian's
 * packages when root.
 *
 * @returns a line that says what to do when that is not possible
 */
export async function prepare(): Promise<string | undefined> {
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
