import { diag } from '@opentelemetry/api';

/** Says that an annotation got what it cannot use. The agent it is about goes on: tracing never fails it. */
export function ignored(what: string): void {
  diag.warn(`spanbus: ${what} got what it cannot use, and ignored it`);
}

/** Does a part of ours within the user's code; where what it is given breaks it, it is left undone. */
export function attempt<T>(what: string, work: () => T): T | undefined {
  try {
    return work();
  } catch {
    ignored(what);
    return undefined;
  }
}
