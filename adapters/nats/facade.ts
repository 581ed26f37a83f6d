/**
 * An object that is `target` to everybody, but for the members in `overrides`: same prototype (so `instanceof` holds), same
 * fields, and methods that run on the target itself, so that its state stays in one place. Calls cost what they did; a Proxy
 * would make every one dearer.
 */
export function facade<T extends object>(target: T, overrides: Partial<Record<keyof T, unknown>>): T {
  const prototype = Object.getPrototypeOf(target) as object | null;
  const front = Object.create(prototype) as T;
  const define = (key: PropertyKey, descriptor: PropertyDescriptor): void => {
    if (!Object.hasOwn(front, key)) Object.defineProperty(front, key, { configurable: true, ...descriptor });
  };
  for (const key of Reflect.ownKeys(overrides)) {
    define(key, { value: overrides[key as keyof T], writable: true, enumerable: false });
  }
  for (
    let layer: object | null = target;
    layer && layer !== Object.prototype;
    layer = Object.getPrototypeOf(layer) as object
  ) {
    for (const key of Reflect.ownKeys(layer)) {
      if (key === 'constructor') continue;
      const value: unknown = Object.getOwnPropertyDescriptor(layer, key)!.value;
      if (typeof value === 'function') {
        define(key, { value: (value as (...args: unknown[]) => unknown).bind(target), writable: true });
      } else {
        define(key, {
          enumerable: layer === target,
          get: () => (target as Record<PropertyKey, unknown>)[key],
          set: (next: unknown) => {
            (target as Record<PropertyKey, unknown>)[key] = next;
          },
        });
      }
    }
  }
  return front;
}
