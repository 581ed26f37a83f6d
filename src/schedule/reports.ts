import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Session } from '../clickhouse/client.js';
import { flameHtml, foldStacks, graphHtml, graphJson } from '../report/index.js';
import { readCallGraph, readStacks } from '../views/read.js';
import { renderReport } from '../views/report.js';
import { type Window } from '../views/window.js';

/** How many reports stay: the newest so many, or those of so many days. */
export type Keep = { newest: number } | { days: number };

/** Directories that are not complete yet carry this in front; a reader of the directory never takes one for a report. */
const UNFINISHED = '.unfinished-';
/** An unfinished directory this old was left by a process that was killed. */
const LEFT_BEHIND_MS = 3_600_000;
const REPORT = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z$/;
const DAY_MS = 86_400_000;

/** One of its own, also where schedulers in containers share a directory, and their process ids. */
const unfinishedName = (name: string): string => `${UNFINISHED}${name}-${randomUUID()}`;

/** The name of the report that was due at a time; names sort as times do. */
export function reportName(dueMs: number): string {
  return `${new Date(dueMs).toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
}

/**
 * Writes the report of a window into a directory of its own, which appears under its name only when it is complete, and points the
 * link `latest` to it. Of several schedulers that write the same one, the first counts.
 */
export async function writeReport(session: Session, window: Window, dir: string, name: string): Promise<void> {
  const unfinished = join(dir, unfinishedName(name));
  await mkdir(unfinished, { recursive: true });
  try {
    const stacks = await readStacks(session, window, { weight: 'self', frames: 'span' });
    const graph = await readCallGraph(session, window);
    const files: Record<string, string> = {
      'flame.html': flameHtml(stacks, { weight: 'self' }),
      'flame.folded': foldStacks(stacks, 'self'),
      'graph.html': graphHtml(graph),
      'graph.json': graphJson(graph),
      'report.html': await renderReport(session, window, `Agent traces, ${name}`),
    };
    for (const [file, text] of Object.entries(files)) await writeFile(join(unfinished, file), text);
    await rename(unfinished, join(dir, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    await pointLatest(dir, name);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function pointLatest(dir: string, name: string): Promise<void> {
  const link = join(dir, unfinishedName('latest'));
  await symlink(name, link, 'dir');
  await rename(link, join(dir, 'latest'));
}

/** Removes the reports that are not to be kept, and what killed processes left behind. Other files stay. */
export async function removeOld(dir: string, keep: Keep, now = Date.now()): Promise<void> {
  const names = await readdir(dir);
  const reports = names.filter((name) => REPORT.test(name)).sort();
  const old =
    'newest' in keep
      ? reports.slice(0, Math.max(0, reports.length - keep.newest))
      : reports.filter((name) => name < reportName(now - keep.days * DAY_MS));
  for (const name of old) await rm(join(dir, name), { recursive: true, force: true });
  for (const name of names.filter((one) => one.startsWith(UNFINISHED))) {
    const found = await lstat(join(dir, name)).catch(() => undefined);
    if (found !== undefined && now - found.mtimeMs > LEFT_BEHIND_MS) {
      await rm(join(dir, name), { recursive: true, force: true });
    }
  }
}
