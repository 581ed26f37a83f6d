import { createRpc, type Rpc } from '../../src/index.js';
import { channelTransport } from './rpc-channels.js';
import { streamTransport } from './rpc-streams.js';
import { untraced } from './trace-redis.js';

export interface RedisRpcOptions {
  /**
   * What requests travel on. Channels: at once or not at all, to everybody who listens; that nobody does is known at once.
   * Streams: kept until a responder of the group has time, each to one of the group.
   *
   * @default 'channels'
   */
  over?: 'channels' | 'streams';
  /** Streams: the group of responders that name none. @default 'spanbus' */
  group?: string;
  /** Streams: about how many requests are kept; beyond it the oldest go. @default 10000 */
  maxLength?: number;
  /**
   * Channels: use sharded ones. In a cluster only these tell how many listen; a `Cluster` client needs its option
   * `shardedSubscribers`.
   *
   * @default false
   */
  sharded?: boolean;
}

/**
 * Requests with replies over Redis. Opens connections of its own (duplicates) for what it waits on, and makes its own spans, so
 * the client may be traced or not.
 *
 * @example
 * const rpc = redisRpc(redis);
 * await rpc.respond('math:double', (request) => String(Number(request.text()) * 2));
 * await rpc.request('math:double', '21', { timeoutMs: 500 });
 */
export function redisRpc(client: object, options: RedisRpcOptions = {}): Rpc {
  const { over = 'channels', group = 'spanbus', maxLength = 10_000, sharded = false } = options;
  const redis = untraced(client);
  return createRpc(over === 'streams' ? streamTransport(redis, group, maxLength) : channelTransport(redis, sharded));
}
