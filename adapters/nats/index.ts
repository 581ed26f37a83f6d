/**
 * Tracing for NATS connections.
 *
 * @module spanbus/nats
 */
export { traceNats } from './trace-nats.js';
export type { Operation, SpanSubject, TraceNatsOptions } from './options.js';
export { consume } from './consume.js';
export { contextOf } from './processing.js';
export { natsStats, type NatsStats, type OmittedReason } from './stats.js';
export { natsRpc } from './rpc.js';
