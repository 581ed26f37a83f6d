/**
 * For tests: the contract that every adapter passes, and an exporter that keeps spans in memory.
 *
 * @module spanbus/testing
 */
import type { AdapterUnderTest, TestFramework } from './adapter.js';
import { messageTests } from './messages.js';
import { peerTests } from './peers.js';
import { requestTests } from './requests.js';
import { Stage } from './stage.js';

export type { AdapterUnderTest, ContractBus, TestFramework } from './adapter.js';
export { MemoryExporter } from './memory-exporter.js';

/**
 * Defines the tests of an adapter: traces across messages, peers that are not traced, hostile headers and payloads, requests
 * and replies. Registers a tracing of its own, so run it in a process without another.
 *
 * @example
 * import { afterAll, beforeAll, describe, it } from 'vitest';
 * testAdapter(mine, { describe, it, beforeAll, afterAll });
 */
export function testAdapter(adapter: AdapterUnderTest, framework: TestFramework): void {
  framework.describe(adapter.name, () => {
    const stage = new Stage(adapter);
    framework.beforeAll(() => stage.open());
    framework.afterAll(() => stage.close());
    framework.describe('messages', () => messageTests(stage, framework));
    framework.describe('peers and strangers', () => peerTests(stage, framework));
    framework.describe('requests', () => requestTests(stage, framework));
  });
}
