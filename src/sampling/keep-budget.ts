const WINDOW_MS = 1_000;
const FORGET_MS = 2_000;
/** Seconds of keeps that may be saved up: what fails together when a bus was away for a moment is kept whole. */
const SAVED_SECONDS = 10;

/** A smaller share is not believed: nobody may switch off what others keep. */
const LEAST_HEARD = 2 ** -10;
const RANDOM_DIGITS = 13;
const RANDOM_RANGE = 16 ** RANDOM_DIGITS;

/** The random part of a trace id as a number in [0, 1): the 52 lowest bits, which a double holds exactly. */
export function randomOf(traceId: string): number {
  return Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) / RANDOM_RANGE;
}

/**
 * How many traces a process may have kept per second, and ten seconds' worth at once when it kept few before. Beyond it the share of traces that are kept is halved, and doubled again
 * when a second went by with room to spare. Which traces these are is decided by trace id, so all processes that are at the
 * same share keep the same ones; a share that another process announced counts too, for two seconds.
 */
export class KeepBudget {
  private own = 1;
  private heard = 1;
  private heardAt = 0;
  private windowStart = 0;
  private usedInWindow = 0;
  private triggeredInWindow = 0;
  private saved: number;

  constructor(private readonly keepsPerSecond: number) {
    this.saved = keepsPerSecond * SAVED_SECONDS;
  }

  /** The share of triggered traces that are kept now. */
  share(nowMs: number): number {
    return nowMs - this.heardAt < FORGET_MS ? Math.min(this.own, this.heard) : this.own;
  }

  /** Another process keeps only this share. */
  hear(share: number, nowMs: number): void {
    if (!(share >= LEAST_HEARD && share <= 1)) return;
    this.heard = nowMs - this.heardAt < FORGET_MS ? Math.min(this.heard, share) : share;
    this.heardAt = nowMs;
  }

  /** @returns the share that the trace was kept at, or 0 when it is not kept */
  admit(traceId: string, nowMs: number): number {
    this.roll(nowMs);
    this.triggeredInWindow++;
    const share = this.shareFor(traceId, nowMs);
    if (share === 0) return 0;
    if (++this.usedInWindow < this.keepsPerSecond) return share;
    if (this.saved >= 1) {
      this.saved--;
    } else {
      this.own /= 2;
      this.usedInWindow = this.keepsPerSecond / 2;
    }
    return share;
  }

  /** The share at which the trace would be kept now; 0 when it would not. */
  shareFor(traceId: string, nowMs: number): number {
    const share = this.share(nowMs);
    return 1 - randomOf(traceId) > share ? 0 : share;
  }

  private roll(nowMs: number): void {
    const windows = Math.floor((nowMs - this.windowStart) / WINDOW_MS);
    if (windows < 1) return;
    // what the last second would have kept at twice the share decides whether the share may grow
    const roomy = this.triggeredInWindow * this.own * 2 < this.keepsPerSecond;
    if (roomy || windows > 1) this.own = Math.min(1, this.own * 2 ** Math.min(windows, 50));
    const left = Math.max(0, this.keepsPerSecond - this.usedInWindow) + (windows - 1) * this.keepsPerSecond;
    // what a flood leaves over is for the share to grow, not to be saved
    if (this.own === 1) this.saved = Math.min(this.keepsPerSecond * SAVED_SECONDS, this.saved + left);
    this.windowStart = nowMs;
    this.usedInWindow = 0;
    this.triggeredInWindow = 0;
  }
}
