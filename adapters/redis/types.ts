import type { EventEmitter } from 'node:events';

/**
 * The parts of ioredis that the adapter touches: the same in versions 5 and 6, so that neither is imported, and either can be
 * wrapped. `sendCommand` is the seam that every command passes, whichever way it was called.
 */
export type Argument = string | Buffer;

/** A command on its way to the server. */
export interface RedisCommand {
  readonly name: string;
  /** Flat, key prefix and all. */
  args: Argument[];
  bufferMode?: boolean;
  inTransaction?: boolean;
  readonly promise: Promise<unknown>;
  reject: (error: Error) => void;
  /** Bytes for the socket. */
  toWritable: (socket: unknown) => string | Buffer;
  /** The server's answer, as bytes, to what the caller gets. */
  transformReply: (reply: unknown) => unknown;
}

export interface RedisPipeline {
  sendCommand: (command: RedisCommand) => unknown;
}

export interface RedisOptionsLike {
  host?: string;
  port?: number;
  path?: string;
  db?: number;
  connectionName?: string;
}

export interface RedisLike extends EventEmitter {
  readonly options: RedisOptionsLike & { redisOptions?: RedisOptionsLike; shardedSubscribers?: boolean };
  readonly isCluster?: boolean;
  readonly startupNodes?: readonly unknown[];
  readonly scriptsSet: Record<string, unknown>;
  readonly addedBuiltinSet: ReadonlySet<string>;
  getBuiltinCommands(): string[];
  sendCommand(command: RedisCommand, stream?: unknown, node?: unknown): unknown;
  pipeline(...args: unknown[]): RedisPipeline;
  multi(...args: unknown[]): RedisPipeline | Promise<unknown>;
  duplicate(...args: unknown[]): RedisLike;
  call(command: string, ...args: Argument[]): Promise<unknown>;
  callBuffer(command: string, ...args: Argument[]): Promise<unknown>;
  disconnect(): void;
}
