import type { ContextManager } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { HookedContextManager } from './hooked-context-manager.js';

/** From this version on AsyncLocalStorage is part of the engine, and needs no hooks. */
const NODE_WITHOUT_HOOKS = 24;

/** What carries contexts through asynchronous code, the cheapest that this Node has. */
export function createContextManager(): ContextManager {
  const major = Number.parseInt(process.versions.node, 10);
  return major < NODE_WITHOUT_HOOKS ? new HookedContextManager() : new AsyncLocalStorageContextManager();
}
