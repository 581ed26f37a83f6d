import { context, trace, type Context, type TextMapGetter, type TextMapSetter } from '@opentelemetry/api';
import { propagator } from '../propagation/propagator.js';
import { attempt } from './ignored.js';

/** `_meta` of an MCP message, or `metadata` of an A2A one: the caller's own entries, and ours beside them. */
export type Meta = Record<string, unknown>;

const setter: TextMapSetter<Meta> = {
  set: (meta, key, value) => {
    meta[key] = value;
  },
};

const getter: TextMapGetter<Meta> = {
  get: (meta, key) => {
    const value = Object.hasOwn(meta, key) ? meta[key] : undefined;
    return typeof value === 'string' ? value : undefined;
  },
  keys: (meta) => Object.keys(meta),
};

/**
 * A copy of `meta` that carries the current trace: `traceparent`, `tracestate` and `baggage`, unprefixed, as MCP reserves them
 * in `_meta`, whichever propagator the process has.
 *
 * @example
 * await client.callTool({ name: 'search', arguments: { query }, _meta: injectMeta() });
 */
export function injectMeta<M extends Meta = Meta>(meta?: M): M {
  const injected = attempt('injectMeta', () => {
    const active = context.active();
    const carrying: Meta = { ...meta };
    // what came with a message that is passed on is another span's
    if (trace.getSpanContext(active)) for (const key of ['traceparent', 'tracestate']) delete carrying[key];
    propagator.inject(active, carrying, setter);
    return carrying as M;
  });
  return injected ?? meta ?? ({} as M);
}

/**
 * The context in which to handle a message that came with `meta`: its sender's. Where the transport has carried the same trace,
 * as a traced bus does, the span of that hop is nearer, and stays the parent. Anything may stand in `meta`.
 */
export function extractMeta(meta: unknown, active: Context = context.active()): Context {
  if (typeof meta !== 'object' || meta === null) return active;
  const sent = attempt('extractMeta', () => propagator.extract(active, meta, getter)) ?? active;
  const here = trace.getSpan(active);
  const isSame = here && here.spanContext().traceId === trace.getSpanContext(sent)?.traceId;
  return isSame ? trace.setSpan(sent, here) : sent;
}

/**
 * Runs `fn` as part of the trace that `meta` carries.
 *
 * @example
 * server.setRequestHandler(CallToolRequestSchema, ({ params }) =>
 *   withMeta(params._meta, () => executeTool(params.name, () => call(params))),
 * );
 */
export function withMeta<T>(meta: unknown, fn: () => T): T {
  return context.with(extractMeta(meta), fn);
}
