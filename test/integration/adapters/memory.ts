import { MemoryBus, memoryRpc, traceMemory } from '../../../adapters/memory/index.js';
import type { AdapterUnderTest, ContractBus } from '../../contract/index.js';

/** The in-process bus under the contract. */
export function memoryAdapter(shared = new MemoryBus()): AdapterUnderTest {
  const clientOf = (bus: Pick<MemoryBus, 'publish' | 'subscribe'>): ContractBus => ({
    publish: async (to, data, headers = {}) => void bus.publish(to, data, { headers }),
    async subscribe(to, handler) {
      const end = bus.subscribe(to, (message) => handler(message.data));
      return async () => end();
    },
    close: async () => {},
  });
  return {
    name: 'memory',
    system: 'memory',
    delivery: 'fan-out',
    connect: async () => clientOf(traceMemory(shared)),
    connectPlain: async () => clientOf(shared),
    async connectRpc() {
      const rpc = memoryRpc(traceMemory(shared));
      return { rpc, close: () => rpc.close() };
    },
  };
}
