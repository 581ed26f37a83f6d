/**
 * Tracing for NATS connections.
 *
 * @module spanbus/nats
 */
export { traceNats, type TraceNatsOptions } from './trace-nats.js';
export { consume, contextOf } from './process.js';
