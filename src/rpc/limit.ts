/** Runs at most so many tasks at once; the others wait in order. */
export class Limit {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly idlers: (() => void)[] = [];
  private readonly queuers: (() => void)[] = [];

  constructor(private readonly most: number) {}

  get free(): number {
    return this.most - this.running;
  }

  async run(task: () => Promise<void>): Promise<void> {
    if (this.running >= this.most) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      await task();
    } finally {
      // a waiting task takes the place over
      const next = this.waiting.shift();
      if (next) next();
      else {
        this.running--;
        for (const queuer of this.queuers.splice(0)) queuer();
        if (this.running === 0) for (const idler of this.idlers.splice(0)) idler();
      }
    }
  }

  /** Resolves when one more could run. */
  async below(): Promise<void> {
    if (this.free <= 0) await new Promise<void>((resolve) => this.queuers.push(resolve));
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.idlers.push(resolve));
  }
}
