import type { Processing } from './processing.js';

/** Starts the processing of what a loop takes; undefined for what is not traced. */
export type StartProcessing<T> = (item: T) => Processing | undefined;

/** Follows a loop: told of every item before its body runs, and of the loop's end. */
export interface LoopObserver<T> {
  took(item: T): void;
  left(): void;
}

/**
 * An iterator whose items have a span each, from their arrival in the loop to the next turn of it. It adds no queue of its
 * own: every call goes to the client's iterator at once.
 */
export class TracedIterator<T> implements AsyncIterableIterator<T> {
  private current: Processing | undefined;

  constructor(
    private readonly inner: AsyncIterator<T>,
    private readonly start: StartProcessing<T>,
    private readonly failed: (error: unknown) => void,
    private readonly observer?: LoopObserver<T>,
  ) {}

  next(): Promise<IteratorResult<T>> {
    this.turn();
    return this.inner.next().then(
      (result) => this.arrived(result),
      (error: unknown) => {
        this.failed(error);
        this.observer?.left();
        throw error;
      },
    );
  }

  /** The loop was left by `break`, `return` or a throw; its message may still be settled. */
  return(value?: unknown): Promise<IteratorResult<T>> {
    const { current } = this;
    this.current = undefined;
    if (current && !current.consumed) current.returned();
    this.observer?.left();
    return this.inner.return?.(value) ?? Promise.resolve({ done: true, value: value as T });
  }

  async throw(error?: unknown): Promise<IteratorResult<T>> {
    this.turn();
    if (!this.inner.throw) throw error;
    return this.inner.throw(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private arrived(result: IteratorResult<T>): IteratorResult<T> {
    if (result.done) {
      this.observer?.left();
    } else {
      this.turn();
      this.observer?.took(result.value);
      this.current = this.start(result.value);
    }
    return result;
  }

  private turn(): void {
    const { current } = this;
    this.current = undefined;
    if (current && !current.consumed) current.end();
  }
}
