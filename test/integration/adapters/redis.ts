import type { Redis } from 'ioredis';
import {
  consume,
  encodeEnvelope,
  redisRpc,
  traceRedis,
  type RedisRpcOptions,
  type TraceRedisOptions,
} from '../../../adapters/redis/index.js';
import type { AdapterUnderTest, ContractBus } from '../../contract/index.js';

/** A cluster's client has the same verbs, and may be passed as one. */
export type Connect = () => Redis;

const wrapped = (name: string): boolean => !name.includes('plain');
const OPTIONS: TraceRedisOptions = { wrap: { channels: wrapped, lists: wrapped, streams: wrapped } };

/** What a peer that knows the envelope, but not us, sends. */
const byHand = (data: Uint8Array, headers: Readonly<Record<string, string>> | undefined): Buffer =>
  headers ? encodeEnvelope(headers, data) : Buffer.from(data);

/** Surfaces as what it is: a failure of the program. */
const failProgram = (error: unknown): void =>
  queueMicrotask(() => {
    throw error;
  });

/** Runs `turn` over and over until it is ended, on a connection of its own. */
function loop(connection: Redis, turn: () => Promise<unknown>): () => Promise<void> {
  let ended = false;
  const run = async (): Promise<void> => {
    while (!ended) await turn().catch((error: unknown) => !ended && failProgram(error));
    await connection.quit();
  };
  const running = run();
  return async () => {
    ended = true;
    await running;
  };
}

/** Ends loops with their client. */
function closing(client: Redis, ends: Set<() => Promise<void>>): () => Promise<void> {
  return async () => {
    await Promise.all([...ends].map((end) => end()));
    await client.quit();
  };
}

function pubSub(client: Redis): ContractBus {
  // one listener a subscription, as many as there are tests
  const subscriber = client.duplicate().setMaxListeners(0);
  return {
    publish: async (to, data, headers) => void (await client.publish(to, byHand(data, headers))),
    async subscribe(to, handler) {
      const listener = (channel: Buffer, data: Buffer): unknown =>
        channel.toString() === to ? handler(data) : undefined;
      subscriber.on('messageBuffer', listener);
      await subscriber.subscribe(to);
      return async () => {
        await subscriber.unsubscribe(to);
        subscriber.off('messageBuffer', listener);
      };
    },
    close: async () => void (await Promise.all([subscriber.quit(), client.quit()])),
  };
}

function lists(client: Redis): ContractBus {
  const ends = new Set<() => Promise<void>>();
  return {
    publish: async (to, data, headers) => void (await client.rpush(to, byHand(data, headers))),
    async subscribe(to, handler) {
      const connection = client.duplicate();
      const end = loop(connection, () => consume(connection.blpopBuffer(to, 0.1), (value: Buffer) => handler(value)));
      ends.add(end);
      return end;
    },
    close: closing(client, ends),
  };
}

function streams(client: Redis): ContractBus {
  const ends = new Set<() => Promise<void>>();
  let consumers = 0;
  return {
    publish: async (to, data, headers = {}) =>
      void (await client.xadd(to, '*', 'data', Buffer.from(data), ...Object.entries(headers).flat())),
    async subscribe(to, handler) {
      const connection = client.duplicate();
      const group = ['GROUP', 'contract', `${process.pid}-${++consumers}-${Math.random()}`] as const;
      await connection.xgroup('CREATE', to, 'contract', '$', 'MKSTREAM').catch(() => {});
      const end = loop(connection, () =>
        consume(
          connection.xreadgroupBuffer(...group, 'COUNT', 16, 'BLOCK', 100, 'STREAMS', to, '>'),
          async ([id, fields]: [Buffer, Buffer[]]) => {
            await connection.xack(to, 'contract', id);
            const [name, data, ...more] = fields;
            if (name!.toString() !== 'data') throw new Error(`fields ${fields.join()}`);
            // what hostile headers leave is theirs, and shown
            if (to.includes('plain') && more.length > 0) throw new Error(`more fields: ${more.join()}`);
            await handler(data!);
          },
        ),
      );
      ends.add(end);
      return end;
    },
    close: closing(client, ends),
  };
}

function adapter(
  name: string,
  connect: Connect,
  delivery: AdapterUnderTest['delivery'],
  verbs: (client: Redis) => ContractBus,
  rpcOptions: RedisRpcOptions,
  more: Partial<AdapterUnderTest> = {},
): AdapterUnderTest {
  return {
    name,
    system: 'redis',
    delivery,
    ...more,
    connect: async () => verbs(traceRedis(connect(), OPTIONS)),
    connectPlain: async () => verbs(connect()),
    async connectRpc() {
      const client = traceRedis(connect(), OPTIONS);
      const rpc = redisRpc(client, rpcOptions);
      return {
        rpc,
        async close() {
          await rpc.close();
          client.disconnect();
        },
      };
    },
  };
}

/** Redis under the contract, by each of its ways to pass messages. */
export const redisAdapters = (label: string, connect: Connect): AdapterUnderTest[] => [
  adapter(`${label} pub/sub`, connect, 'fan-out', pubSub, {}),
  adapter(`${label} streams`, connect, 'queue', streams, { over: 'streams' }),
  adapter(`${label} lists`, connect, 'queue', lists, {}),
];

/** The same on a cluster: it publishes by any of its nodes, so messages overtake each other, and nodes count their own. */
export const clusterAdapters = (label: string, connect: Connect, sharded: boolean): AdapterUnderTest[] => [
  adapter(`${label} pub/sub`, connect, 'fan-out', pubSub, { sharded }, { ordered: false, knowsNobody: sharded }),
  adapter(`${label} streams`, connect, 'queue', streams, { over: 'streams' }),
  adapter(`${label} lists`, connect, 'queue', lists, { sharded }, { knowsNobody: sharded }),
];
