/**
 * A bus within one process, and its tracing: for tests, and as the example of an adapter.
 *
 * @module spanbus/memory
 */
export { MemoryBus, NoRespondersError, RequestTimeoutError } from './memory-bus.js';
export type { MemoryHandler, MemoryMessage, MemoryPublishOptions } from './memory-bus.js';
export { traceMemory } from './trace-memory.js';
