import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Limit, RPC_REPLY_TO, type IncomingRequest, type RpcTransport } from '../../src/index.js';
import { serverAttributes } from './destination.js';
import { Listening, ReplyChannel, replyTo } from './rpc-channels.js';
import type { Argument, RedisLike } from './types.js';

const DATA = 'data';
/** How long a read waits at the server; a responder that stops waits for it. */
const BLOCK_MS = 500;
const RETRY_MS = 100;
const CONCURRENCY = 16;

type Entry = [id: Buffer, fields: Buffer[]];

/** By how much the server's clock is ahead of ours, ms: ages of entries are told by the clock that stamped them. */
async function clockOffset(client: RedisLike): Promise<number> {
  const before = Date.now();
  const [seconds, micros] = (await client.call('TIME')) as [string, string];
  return Number(seconds) * 1000 + Number(micros) / 1000 - (before + Date.now()) / 2;
}

async function createGroup(client: RedisLike, stream: string, group: string): Promise<void> {
  try {
    // from the start: a request may be there before its responders are, as long as the stream is
    await client.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM');
  } catch (error) {
    if (!(error as Error).message.startsWith('BUSYGROUP')) throw error;
  }
}

function open(client: RedisLike, [id, fields]: Entry, offset: number): IncomingRequest {
  const values = new Map<string, Buffer>();
  for (let i = 0; i + 1 < fields.length; i += 2) values.set(fields[i]!.toString(), fields[i + 1]!);
  const header = (name: string): string | undefined => values.get(name)?.toString();
  const reply = replyTo(client, 'PUBLISH', header(RPC_REPLY_TO));
  const ageMs = Date.now() + offset - Number(id.toString().split('-')[0]);
  return { header, data: values.get(DATA) ?? Buffer.alloc(0), ageMs, ...(reply && { reply }) };
}

/** Reads a group's requests over a connection of its own, no more than are handled at once, until it is stopped. */
class GroupReader {
  private stopped = false;
  private readonly limit: Limit;
  private readonly loop: Promise<void>;

  constructor(
    private readonly client: RedisLike,
    private readonly connection: RedisLike,
    private readonly stream: string,
    private readonly group: string,
    private readonly offset: number,
    concurrency: number,
    private readonly onRequest: (request: IncomingRequest) => Promise<void>,
  ) {
    this.limit = new Limit(concurrency);
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.loop;
    await this.limit.idle();
    this.connection.disconnect();
  }

  private async run(): Promise<void> {
    const consumer = randomBytes(9).toString('base64url');
    while (!this.stopped) {
      const count = Math.min(this.limit.free, 64);
      const entries = count > 0 ? await this.read(consumer, count) : [];
      for (const entry of entries) void this.limit.run(() => this.handle(entry));
      if (this.limit.free === 0) await this.limit.below();
    }
  }

  private async handle(entry: Entry): Promise<void> {
    await this.onRequest(open(this.client, entry, this.offset));
    // an entry that cannot be acknowledged stays pending, for whoever claims it
    await this.client.call('XACK', this.stream, this.group, entry[0]).catch(() => {});
  }

  private async read(consumer: string, count: number): Promise<Entry[]> {
    const { stream, group } = this;
    const args = ['GROUP', group, consumer, 'COUNT', String(count), 'BLOCK', String(BLOCK_MS), 'STREAMS', stream, '>'];
    try {
      const reply = (await this.connection.callBuffer('xreadgroup', ...args)) as [Buffer, Entry[]][] | null;
      return reply?.[0]?.[1] ?? [];
    } catch (error) {
      if (this.stopped) return [];
      // the stream was deleted, or the server is away
      if ((error as Error).message.startsWith('NOGROUP')) await createGroup(this.client, stream, group).catch(() => {});
      await sleep(RETRY_MS);
      return [];
    }
  }
}

/** Requests as entries of streams, for one of a consumer group; replies come on a channel. */
export function streamTransport(client: RedisLike, defaultGroup: string, maxLength: number): RpcTransport {
  const listening = new Listening(client, false);
  const replies = new ReplyChannel(listening);
  return {
    system: 'redis',
    attributes: serverAttributes(client),
    openReplies: (onReply) => replies.open(onReply),
    async send(destination, _id, headers, data) {
      headers[RPC_REPLY_TO] = replies.name;
      const fields: Argument[] = Object.entries(headers).flat();
      fields.push(DATA, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      const limit = ['MAXLEN', '~', String(maxLength)];
      const id = await client.call('XADD', destination, 'NOMKSTREAM', ...limit, '*', ...fields);
      // no stream: no group was ever there to read it. Else somebody may come for it while the caller waits
      return id === null ? 0 : undefined;
    },
    async listen(destination, onRequest, { group = defaultGroup, concurrency = CONCURRENCY }) {
      await createGroup(client, destination, group);
      const connection = client.duplicate();
      connection.on('error', () => {});
      const offset = await clockOffset(client);
      const reader = new GroupReader(client, connection, destination, group, offset, concurrency, onRequest);
      return () => reader.stop();
    },
    async close() {
      listening.close();
    },
  };
}
