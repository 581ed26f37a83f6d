import type { RedisLike } from './types.js';

/** Members of the client's own that run commands, so have to run them through the facade. */
const SENDERS = new Set<PropertyKey>(['pipeline', 'multi', 'exec', 'constructor']);

/** Set once, by the constructor, and read with every command: the same object on both. */
const FIXED = new Set<PropertyKey>(['options']);

function describe(target: object, key: PropertyKey, value: unknown): PropertyDescriptor {
  if (FIXED.has(key)) return { writable: true, value };
  if (typeof value === 'function') {
    return { writable: true, value: (value as (...args: unknown[]) => unknown).bind(target) };
  }
  const state = target as Record<PropertyKey, unknown>;
  return { get: () => state[key], set: (next: unknown) => void (state[key] = next) };
}

/** Calls after which V8 remembers what a function reads. */
const SEEN = 1000;

function readOptions(client: RedisLike): unknown {
  return client.options;
}

/**
 * V8 keeps an object with many defined members as a hash table, and one that became a prototype too, in which every read of the
 * client's own code would be three times as slow. It lays both out as other objects again when something is read through them.
 */
function layOut(front: RedisLike): void {
  const heir = Object.create(front) as RedisLike;
  for (let i = 0; i < SEEN; i++) readOptions(heir);
}

/**
 * An object that is `target` to everybody: it inherits from it, so its state, its type and commands defined later are there.
 * Commands run on the facade itself and so pass through its `sendCommand`; everything else runs on the target, so that state
 * stays in one place. Calls cost what they did; a Proxy would make every one dearer.
 */
export function facade<T extends RedisLike>(target: T, overrides: object): T {
  const front = Object.create(target) as T;
  const inherited = new Set<PropertyKey>(SENDERS);
  for (const name of [...Object.keys(target.scriptsSet), ...target.addedBuiltinSet, ...target.getBuiltinCommands()]) {
    inherited.add(name).add(`${name}Buffer`);
  }
  for (const name of ['call', 'callBuffer', 'send_command']) inherited.add(name);
  for (
    let layer: object | null = target;
    layer && layer !== Object.prototype;
    layer = Object.getPrototypeOf(layer) as object | null
  ) {
    // below the layer of plain commands a client may override some to do more with its state, as Cluster does with quit
    const isCommander = Object.hasOwn(layer, 'getBuiltinCommands');
    for (const key of Reflect.ownKeys(layer)) {
      const skip = isCommander || layer === target ? inherited.has(key) : SENDERS.has(key);
      if (skip || Object.hasOwn(front, key)) continue;
      const { value } = Object.getOwnPropertyDescriptor(layer, key)! as { value: unknown };
      Object.defineProperty(front, key, {
        configurable: true,
        enumerable: layer === target,
        ...describe(target, key, value),
      });
    }
  }
  Object.defineProperties(front, Object.getOwnPropertyDescriptors(overrides));
  layOut(front);
  return front;
}
