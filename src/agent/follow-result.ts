import { boundMember, followIterable, followNodeStream, followReadable, type NodeStream } from './follow-stream.js';
import { attempt } from './ignored.js';
import type { OpenCall } from './open-call.js';

/**
 * Ends a call when its result is complete: a value at once, a promise when it settles, an async iterator or stream with its
 * last chunk.
 *
 * @returns what the caller gets: the same value, or one of its kind that behaves the same
 */
export function followResult<T>(result: T, call: OpenCall): T {
  if (typeof result === 'object' && result !== null) {
    // an object that does not want to be followed, as a strict proxy or a frozen stream, is handed on as it is
    const followed = attempt('a result', () =>
      hasMethods(result, 'then') ? followThenable(result, call) : followedStream(result, call),
    );
    if (followed !== undefined) return followed as T;
  }
  call.succeed(result);
  return result;
}

function followedStream(result: object, call: OpenCall): object | undefined {
  if (result instanceof ReadableStream && Object.getPrototypeOf(result) === ReadableStream.prototype) {
    return result.locked ? undefined : followReadable(result, call);
  }
  if (isNodeStream(result)) return followNodeStream(result, call);
  if (hasMethods(result, Symbol.asyncIterator)) return followIterable(result as AsyncIterable<unknown>, call);
  return undefined;
}

function isNodeStream(value: object): value is NodeStream {
  return hasMethods(value, 'pipe', 'push', 'on');
}

/** Whether all of these are methods. An object that does not want to be asked, as a strict proxy, has none. */
function hasMethods(value: object, ...names: PropertyKey[]): boolean {
  try {
    return names.every((name) => typeof Reflect.get(value, name) === 'function');
  } catch {
    return false;
  }
}

function settle(thenable: PromiseLike<unknown>, call: OpenCall): Promise<unknown> {
  return Promise.resolve(
    thenable.then(
      (value) => followResult(value, call),
      (error: unknown) => {
        call.fail(error);
        throw error;
      },
    ),
  );
}

/**
 * A promise that settles as `result` does. One with methods of its own (as API clients return) keeps them, and is not asked
 * for its value before the caller does: asking may be what starts it.
 */
function followThenable<T extends object>(result: T, call: OpenCall): T {
  if (result.constructor === Promise) return settle(result, call) as unknown as T;
  let settled: Promise<unknown> | undefined;
  const proxy = new Proxy(result, {
    get(target, key) {
      if (key === 'then' || key === 'catch' || key === 'finally') {
        call.isAwaited();
        settled ??= settle(target as unknown as PromiseLike<unknown>, call);
        return boundMember(settled, key);
      }
      return boundMember(target, key);
    },
  });
  call.awaits(proxy);
  return proxy;
}
