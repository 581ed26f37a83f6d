/**
 * Tracing for Redis clients (ioredis), and requests with replies over Redis.
 *
 * @module spanbus/redis
 */
export { traceRedis } from './trace-redis.js';
export type { Names, TraceRedisOptions } from './options.js';
export { consume, consumeBatch, contextOf, type ConsumeOptions } from './consume.js';
export type { StreamEntry } from './receive.js';
export { encodeEnvelope, EnvelopeHeaders } from './envelope-writer.js';
export { decodeEnvelope, Envelope } from './envelope.js';
export { redisRpc, type RedisRpcOptions } from './rpc.js';
