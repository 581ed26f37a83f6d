import type { Redis, RedisOptions } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a scenario has to do with: clients as its user sees them, and a transcript of what he sees. */
export interface Scene {
  make: (options?: RedisOptions) => Redis;
  redis: Redis;
  /** For subscriptions. */
  sub: Redis;
  see: (...things: unknown[]) => void;
  /** For listeners: messages and replies come over two connections, in any order. */
  hear: (...things: unknown[]) => void;
}

export const errorOf = (error: unknown): unknown => {
  const { name, message, command, previousErrors } = error as Error & { command?: unknown; previousErrors?: Error[] };
  return { name, message, command, previous: previousErrors?.map((e) => e.message) };
};
export const outcome = (promise: Promise<unknown> | null): Promise<unknown> =>
  (promise ?? Promise.resolve(null)).catch(errorOf);
export const turn = (): Promise<void> => sleep(30);

/** What a program does with Redis; runs on a plain client and on a wrapped one. */
export type Scenario = (scene: Scene) => Promise<void>;
