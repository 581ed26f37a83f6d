import { spawnSync } from 'node:child_process';

/** Debian keeps servers where a user's PATH does not look. */
export const SERVER_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;

/** Whether a program can be started. */
export function hasProgram(name: string): boolean {
  return (
    spawnSync(name, ['--version'], { env: { ...process.env, PATH: SERVER_PATH }, stdio: 'ignore' }).error === undefined
  );
}
