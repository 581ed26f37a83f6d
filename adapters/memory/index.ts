/**
 * A bus within one process, and its tracing: for tests, and as the example of an adapter.
 *
 * @module spanbus/memory
 */
export { NoRespondersError, RequestTimeoutError } from '../../src/index.js';
export { MemoryBus } from './memory-bus.js';
export type {
  MemoryHandler,
  MemoryHeaders,
  MemoryMessage,
  MemoryPublishOptions,
  MemorySubscribeOptions,
} from './memory-bus.js';
export { memoryRpc } from './rpc.js';
export { traceMemory, type TracedMemoryBus } from './trace-memory.js';
