import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ownProgram } from './own-program.js';

const END_TIMEOUT_MS = 7_000;
const QUESTIONS_TIMEOUT_MS = 120_000;

/** An agent of the demo as a process; it ends with this one. */
export class AgentProcess {
  private readonly child: ChildProcess;
  private readonly exit: Promise<number | string>;
  private stopping = false;
  private said = '';
  /** Resolves when it is on the bus. */
  readonly ready: Promise<void>;
  /** Rejects, in one line, when it ends before it was asked to. */
  readonly failed: Promise<never>;

  constructor(
    private readonly name: string,
    args: string[],
    clickhouse: { url: string; database: string },
  ) {
    const { path, execArgv } = ownProgram('agent');
    this.child = fork(path, [name, ...args], {
      execArgv,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, CLICKHOUSE_URL: clickhouse.url, CLICKHOUSE_DATABASE: clickhouse.database },
      // a process group of its own: Ctrl-C on the terminal reaches the demo, which ends the agents while ClickHouse is there
      detached: true,
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.said = (this.said + text).slice(-4000)));
    this.exit = once(this.child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
    this.ready = once(this.child, 'message').then(() => undefined);
    this.failed = this.exit.then((code) => (this.stopping ? new Promise<never>(() => undefined) : this.fail(code)));
    this.failed.catch(() => undefined);
  }

  /** Resolves when it has ended well: the agent that asks does. */
  get done(): Promise<void> {
    const timeout = AbortSignal.timeout(QUESTIONS_TIMEOUT_MS);
    const late = once(timeout, 'abort').then(() => {
      throw new Error(`the questions were not answered within ${QUESTIONS_TIMEOUT_MS / 1000} s`);
    });
    return Promise.race([this.exit.then((code) => (code === 0 ? undefined : this.fail(code))), late]);
  }

  /** Lets it store its spans, and ends it. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), END_TIMEOUT_MS);
    await this.exit;
    clearTimeout(timer);
  }

  private fail(code: number | string): never {
    // an uncaught error stands on a line of its own, before its stack
    const why = /^(?:\w*Error\b.*|.*\bSpanbusWarning: .*)$/m.exec(this.said)?.[0] ?? '';
    throw new Error(`agent ${this.name} of the demo ended by itself (${code})${why && `: ${why}`}`);
  }
}
