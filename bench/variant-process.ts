import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { build } from 'tsup';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * One variant of a bench in a process of its own, so that what one registers globally, compiles or keeps on its heap is not
 * another's. The script answers each message with one.
 */
export class VariantProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
  ) {}

  /** @param script a compiled one; @param args among them the variant's name */
  static async start(script: string, args: string[], execArgv: string[] = []): Promise<VariantProcess> {
    const child = fork(script, args, { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const variant = new VariantProcess(child, args.join(' '));
    await variant.answer<string>();
    return variant;
  }

  /** @throws Error when the process ends instead of answering */
  async ask<T>(question: unknown): Promise<T> {
    this.child.send(question as object);
    return this.answer<T>();
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }

  private async answer<T>(): Promise<T> {
    const ended = new AbortController();
    const onExit = (code: number | null): void => ended.abort(new Error(`${this.name} exited with ${code}`));
    this.child.once('exit', onExit);
    try {
      const [message] = (await once(this.child, 'message', { signal: ended.signal })) as [T];
      return message;
    } catch {
      throw ended.signal.reason as Error;
    } finally {
      this.child.off('exit', onExit);
    }
  }
}

/** Compiles a script as the package is compiled: what runs it from source adds to every closure. */
export async function compile(script: string): Promise<{ path: string; remove(): Promise<void> }> {
  const outDir = join(ROOT, 'node_modules', '.cache', `spanbus-bench-${process.pid}`);
  await build({
    config: false,
    entry: [join(ROOT, 'bench', script)],
    outDir,
    format: ['esm'],
    target: 'node20',
    silent: true,
    skipNodeModulesBundle: true,
  });
  const path = join(outDir, basename(script).replace(/\.ts$/, '.js'));
  return { path, remove: () => rm(outDir, { recursive: true, force: true }) };
}
