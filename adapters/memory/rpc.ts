import { createRpc, RPC_ID, type Rpc, type RpcTransport } from '../../src/index.js';
import type { MemoryBus, MemoryMessage } from './memory-bus.js';
import { untraced, type TracedMemoryBus } from './trace-memory.js';

let clients = 0;

function transport(bus: MemoryBus): RpcTransport {
  const inbox = `_rpc.${++clients}`;
  let unsubscribe: (() => void) | undefined;
  return {
    system: 'memory',
    attributes: {},
    async openReplies(onReply) {
      unsubscribe = bus.subscribe(inbox, ({ headers, data }) =>
        onReply({ id: headers[RPC_ID], header: (name) => headers[name], data }),
      );
    },
    async send(destination, _id, headers, data) {
      return bus.publish(destination, data, { headers, reply: inbox });
    },
    async listen(destination, onRequest, { group }) {
      const handler = (message: MemoryMessage): Promise<void> =>
        onRequest({
          header: (name) => message.headers[name],
          data: message.data,
          ...(message.reply !== undefined && { reply: (headers, data) => void message.respond(data, headers) }),
        });
      const end = bus.subscribe(destination, handler, group === undefined ? {} : { queue: group });
      return async () => end();
    },
    async close() {
      unsubscribe?.();
    },
  };
}

/** Requests with replies over the in-process bus, by the interface that all buses share. */
export function memoryRpc(bus: TracedMemoryBus): Rpc {
  return createRpc(transport(untraced(bus)));
}
