import { LIST_READS, remember, STREAM_READS, unwrap } from './receive.js';
import type { RedisCommand, RedisLike } from './types.js';

/**
 * Transactions that are no pipelines (`multi({ pipeline: false })`): the replies of their commands come together with `EXEC`,
 * when nobody asks the commands any more.
 */
export class Transaction {
  /** Commands since MULTI. */
  private names: string[] | undefined;

  constructor(private readonly client: RedisLike) {}

  /** Called with every command that is sent by itself. */
  watch(command: RedisCommand): void {
    const { name } = command;
    if (this.names === undefined) {
      if (name === 'multi') this.names = [];
    } else if (name === 'exec' || name === 'discard') {
      if (name === 'exec') this.prepareExec(command, this.names);
      this.names = undefined;
    } else this.names.push(name);
  }

  private prepareExec(command: RedisCommand, names: readonly string[]): void {
    const { transformReply } = command;
    command.transformReply = (reply) => {
      if (Array.isArray(reply)) {
        reply.forEach((answer, i) => {
          if (Object.hasOwn(LIST_READS, names[i] ?? '')) reply[i] = unwrap(answer, []);
        });
      }
      const results = transformReply.call(command, reply);
      if (Array.isArray(results)) {
        results.forEach((result: unknown, i) => {
          const receive = Object.hasOwn(STREAM_READS, names[i] ?? '') ? STREAM_READS[names[i]!] : undefined;
          if (receive) remember(result, { client: this.client, ...receive(result, []) });
        });
      }
      return results;
    };
  }
}
