import { finished } from 'node:stream';
import type { OpenCall } from './open-call.js';

type AnyIterator = AsyncIterator<unknown, unknown, unknown>;

/** As much of Node's `stream.Readable` as is needed to follow it. */
export interface NodeStream extends NodeJS.ReadableStream {
  push(chunk: unknown, encoding?: BufferEncoding): boolean;
}

/** Where the chunks of a web stream can be taken out other than by iterating. */
const TAKERS = new Set<PropertyKey>(['getReader', 'tee', 'pipeTo', 'pipeThrough', 'values']);

/** One step of an iterator, within the call's span: what a generator's body does belongs to the agent. */
async function step(
  call: OpenCall,
  next: () => Promise<IteratorResult<unknown, unknown>>,
): Promise<IteratorResult<unknown, unknown>> {
  try {
    const result = await call.run(next);
    if (result.done) call.succeed();
    else call.chunk(result.value);
    return result;
  } catch (error) {
    call.fail(error);
    throw error;
  }
}

function followIterator(iterator: AnyIterator, call: OpenCall): AsyncIterableIterator<unknown> {
  const followed: AsyncIterableIterator<unknown> = {
    next: (...args) => step(call, () => iterator.next(...(args as []))),
    // a consumer that leaves early ends the span also where the iterator does not want to know
    return: (value) => step(call, async () => (await iterator.return?.(value)) ?? { done: true, value }),
    [Symbol.asyncIterator]: () => followed,
  };
  if (iterator.throw) followed.throw = (error) => step(call, () => iterator.throw!(error));
  return followed;
}

/** A member of an object behind a proxy; methods run on the object itself, whose private fields a proxy does not have. */
export function boundMember(target: object, key: PropertyKey): unknown {
  const value: unknown = Reflect.get(target, key, target);
  if (typeof value !== 'function') return value;
  const fixed = Reflect.getOwnPropertyDescriptor(target, key)?.configurable === false;
  return fixed || key === 'constructor' ? value : (value as (...args: unknown[]) => unknown).bind(target);
}

/** The same iterable, with all it could do, whose iteration ends the call. */
export function followIterable<T extends AsyncIterable<unknown>>(iterable: T, call: OpenCall): T {
  let itself: AsyncIterableIterator<unknown> | undefined;
  let stream: ReadableStream<unknown> | undefined;
  const proxy = new Proxy(iterable, {
    get(target, key) {
      if (key === Symbol.asyncIterator) {
        return () => {
          const iterator = target[Symbol.asyncIterator]();
          if (Object.is(iterator, target)) return proxy;
          const followed = followIterator(iterator, call);
          call.awaits(followed);
          return followed;
        };
      }
      if ((key === 'next' || key === 'return' || key === 'throw') && key in target) {
        return Reflect.get((itself ??= followIterator(target as unknown as AnyIterator, call)), key) as unknown;
      }
      if (TAKERS.has(key) && target instanceof ReadableStream) {
        return boundMember((stream ??= followReadable(target as ReadableStream<unknown>, call)), key);
      }
      return boundMember(target, key);
    },
  });
  call.awaits(proxy);
  return proxy;
}

/** A web stream of the same chunks that ends the call; nothing is read ahead of its reader. */
export function followReadable<T>(stream: ReadableStream<T>, call: OpenCall): ReadableStream<T> {
  const bytes = isByteStream(stream);
  const reader = stream.getReader();
  const source = {
    async pull(controller: ReadableStreamDefaultController<unknown> | ReadableByteStreamController) {
      const { done, value } = await step(call, () => reader.read());
      if (!done) return controller.enqueue(value as ArrayBufferView<ArrayBuffer>);
      controller.close();
      // a reader that brought its own buffer waits for an answer about it
      if ('byobRequest' in controller) controller.byobRequest?.respond(0);
    },
    cancel(reason: unknown) {
      call.succeed();
      return reader.cancel(reason);
    },
  };
  const followed = bytes
    ? new ReadableStream({ ...source, type: 'bytes' as const }, { highWaterMark: 0 })
    : new ReadableStream<unknown>(source, { highWaterMark: 0 });
  call.awaits(followed);
  return followed as ReadableStream<T>;
}

function isByteStream(stream: ReadableStream<unknown>): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/** The same Node stream; listening for data would start it, so its producer's `push` is watched instead. */
export function followNodeStream<T extends NodeStream>(stream: T, call: OpenCall): T {
  const push = stream.push.bind(stream);
  stream.push = (chunk, encoding) => {
    if (chunk !== null) call.chunk(chunk);
    return push(chunk, encoding);
  };
  finished(stream, { writable: false }, (error) => {
    // left early is not failed
    if (!error || error.code === 'ERR_STREAM_PREMATURE_CLOSE') call.succeed();
    else call.fail(error);
  });
  call.awaits(stream);
  return stream;
}
