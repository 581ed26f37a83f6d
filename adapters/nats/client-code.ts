import type { NatsConnectionLike } from './types.js';

/** Methods of the client's classes, by prototype, as they were when one was first seen. */
const originals = new WeakMap<object, Record<string, unknown>>();

/** The method of this name that an object's class brought; undefined when something else stands there already. */
function original(object: object | undefined, name: string): unknown {
  const prototype = object && (Object.getPrototypeOf(object) as Record<string, unknown> | null);
  if (!prototype) return undefined;
  const known = originals.get(prototype) ?? {};
  originals.set(prototype, known);
  const method = prototype[name];
  // a class's methods cannot be constructed, a `function` that was put in their place can
  if (typeof method === 'function' && !Object.hasOwn(method, 'prototype')) known[name] ??= method;
  return known[name];
}

/**
 * What a request runs of a connection's methods. A program may put code of its own in their place, on the connection or on its
 * class, and so do tools that watch programs: what was meant for the client's code does not hold for that.
 */
export class ClientCode {
  private readonly request: unknown;
  private readonly publish: unknown;
  private readonly send: unknown;

  constructor(private readonly nc: NatsConnectionLike) {
    this.request = original(nc, 'request');
    this.publish = original(nc, 'publish');
    this.send = original(nc.protocol, 'publish');
  }

  /** Whether all of it is the client's own, still. */
  get isPlain(): boolean {
    const { nc, request, publish, send } = this;
    return nc.request === request && nc.publish === publish && nc.protocol?.publish === send;
  }
}
