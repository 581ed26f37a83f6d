/** Something whose end is still to be heard of. */
export interface Open {
  abandoned(returnedAt: number): void;
}

const SLOTS = 1_024;
const MAX_AGE_MS = 600_000;

/**
 * Spans of messages whose callback has returned and whose answer may still come: at most 1,024, for at most ten minutes,
 * so that an answer that never comes costs neither memory nor the span.
 */
export class OpenSpans {
  private readonly ring: ({ open: Open; since: number } | undefined)[] = new Array(SLOTS).fill(
    undefined,
  ) as undefined[];
  private readonly slots = new Map<Open, number>();
  private next = 0;
  private timer: NodeJS.Timeout | undefined;

  add(open: Open): void {
    const slot = this.next++ % SLOTS;
    this.abandon(slot);
    this.ring[slot] = { open, since: performance.now() };
    this.slots.set(open, slot);
    this.timer ??= setTimeout(() => this.sweep(), MAX_AGE_MS).unref();
  }

  /** @returns whether it was open */
  delete(open: Open): boolean {
    const slot = this.slots.get(open);
    if (slot === undefined) return false;
    this.slots.delete(open);
    this.ring[slot] = undefined;
    return true;
  }

  private abandon(slot: number): void {
    const entry = this.ring[slot];
    if (!entry) return;
    this.delete(entry.open);
    entry.open.abandoned(entry.since);
  }

  private sweep(): void {
    const oldest = performance.now() - MAX_AGE_MS;
    for (let slot = 0; slot < SLOTS; slot++) if ((this.ring[slot]?.since ?? Infinity) <= oldest) this.abandon(slot);
    this.timer = this.slots.size > 0 ? setTimeout(() => this.sweep(), MAX_AGE_MS).unref() : undefined;
  }
}

export const openSpans = new OpenSpans();
