import type { Rpc } from '../../src/index.js';

/** A client of a bus as the contract uses it: thin functions over an adapter's own verbs. */
export interface ContractBus {
  /**
   * Sends a message; resolves when the bus has it.
   * @param headers only given to plain clients: headers as a peer without spanbus writes them by hand
   */
  publish(destination: string, data: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<void>;
  /** Has messages handled, each in its own context; resolves when it is in effect. @returns what ends it */
  subscribe(destination: string, handler: (data: Uint8Array) => unknown): Promise<() => Promise<void>>;
  /** Ends the client; what it published before still arrives. */
  close(): Promise<void>;
}

/** What the contract has to know of an adapter. */
export interface AdapterUnderTest {
  /** Of the suite. */
  name: string;
  /** `messaging.system` of its spans. */
  system: string;
  /** Whether every subscriber gets a message, or one of them. */
  delivery: 'fan-out' | 'queue';
  /** Whether messages of one sender arrive in their order. @default true */
  ordered?: boolean;
  /** A new connected client, traced. */
  connect(): Promise<ContractBus>;
  /**
   * A new connected client without tracing. Messages to destinations whose name contains `plain` have to reach it as they
   * were sent; a bus whose messages have headers does that for all.
   */
  connectPlain(): Promise<ContractBus>;
  /** The RPC of a new connected client, and what closes both. */
  connectRpc(): Promise<{ rpc: Rpc; close(): Promise<void> }>;
  /** Whether a request that nobody listens to fails at once. @default true */
  knowsNobody?: boolean;
  /** A legal destination of this name, which is lower-case letters, digits and dashes. @default the name */
  destination?(name: string): string;
}

/** What a test framework gives: those of vitest and jest fit; of node:test, pass `before` and `after` under these names. */
export interface TestFramework {
  describe: (name: string, body: () => void) => unknown;
  it: (name: string, body: () => Promise<void>) => unknown;
  beforeAll: (body: () => Promise<void>) => unknown;
  afterAll: (body: () => Promise<void>) => unknown;
}
