import { ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { createHook, executionAsyncId, executionAsyncResource, type AsyncHook } from 'node:async_hooks';

/** What the runtime runs code for (a promise, a timer, a socket): it carries the context that it was made in. */
type Resource = Record<symbol, Context | undefined>;

/** The execution id of all code that no resource stands for. Its context is looked up each time, so the id also says that none is known. */
const NO_ID = 0;

/**
 * A context manager on Node's async hooks. AsyncLocalStorage before Node 24 is made of the same hooks and costs more: it looks the
 * current context up for each promise that is made. Most are made many at a time, so here that is done once for each piece of
 * code that the runtime runs; and what is made without a context is left as it is. Of its base only `bind` is used.
 */
export class HookedContextManager extends AsyncLocalStorageContextManager {
  /** Its own: what an earlier manager left on a socket is none of the contexts of this one. */
  private readonly key = Symbol('spanbus.context');
  private isHooked = false;
  /** The execution that was last asked about, and its context. */
  private lastId = NO_ID;
  private lastContext: Context | undefined;
  private readonly hook: AsyncHook = createHook({
    init: (_id, type, _triggerId, resource: Resource) => {
      const context = this.current();
      // A timer comes here again when it is set again, with the context that it had; a promise never does.
      const isStale = type !== 'PROMISE' && resource[this.key] !== undefined;
      if (context !== undefined || isStale) resource[this.key] = context;
    },
  });

  override active(): Context {
    return this.current() ?? ROOT_CONTEXT;
  }

  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    const resource = this.resource();
    const before = resource[this.key];
    if (before === context) return Reflect.apply(fn, thisArg, args);
    const id = executionAsyncId();
    try {
      this.enter(resource, id, context);
      return Reflect.apply(fn, thisArg, args);
    } finally {
      // Nothing is called here: at the end of the stack a call would throw, and the context stay.
      resource[this.key] = before;
      this.lastId = id;
      this.lastContext = before;
    }
  }

  override attach(context: Context): { dispose(): void } {
    const resource = this.resource();
    const before = resource[this.key];
    this.enter(resource, executionAsyncId(), context);
    let isAttached = true;
    return {
      dispose: () => {
        if (isAttached) this.enter(executionAsyncResource() as Resource, executionAsyncId(), before);
        isAttached = false;
      },
    };
  }

  override disable(): this {
    this.hook.disable();
    this.isHooked = false;
    this.lastId = NO_ID;
    this.lastContext = undefined;
    return super.disable();
  }

  /** What runs now. Asked by who brings a context: the first turns the hooks on, as until then there is nothing to pass on. */
  private resource(): Resource {
    if (!this.isHooked) {
      this.hook.enable();
      this.isHooked = true;
    }
    return executionAsyncResource() as Resource;
  }

  /** Gives what runs now a context. */
  private enter(resource: Resource, id: number, context: Context | undefined): void {
    resource[this.key] = context;
    this.lastId = id;
    this.lastContext = context;
  }

  private current(): Context | undefined {
    if (!this.isHooked) return undefined;
    const id = executionAsyncId();
    if (id !== this.lastId || id === NO_ID) {
      this.lastId = id;
      this.lastContext = (executionAsyncResource() as Resource)[this.key];
    }
    return this.lastContext;
  }
}
