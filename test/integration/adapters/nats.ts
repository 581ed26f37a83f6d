import { connect, headers as natsHeaders, type NatsConnection } from '@nats-io/transport-node';
import { traceNats } from '../../../adapters/nats/index.js';
import { natsRpc } from '../../../adapters/nats/rpc.js';
import type { AdapterUnderTest, ContractBus } from '../../contract/index.js';

function clientOf(nc: NatsConnection): ContractBus {
  return {
    async publish(to, data, given) {
      const headers = given && natsHeaders();
      for (const [key, value] of Object.entries(given ?? {})) headers!.append(key, value);
      nc.publish(to, data, headers && { headers });
    },
    async subscribe(to, handler) {
      const subscription = nc.subscribe(to, { callback: (_, message) => handler(message.data) as void });
      await nc.flush();
      return () => subscription.drain();
    },
    close: () => nc.drain(),
  };
}

/** NATS under the contract, with requests past a traced connection. */
export function natsAdapter(url: () => string): AdapterUnderTest {
  return {
    name: 'nats',
    system: 'nats',
    delivery: 'fan-out',
    connect: async () => clientOf(traceNats(await connect({ servers: url() }))),
    connectPlain: async () => clientOf(await connect({ servers: url() })),
    async connectRpc() {
      const nc = traceNats(await connect({ servers: url() }));
      const rpc = natsRpc(nc);
      return {
        rpc,
        async close() {
          await rpc.close();
          await nc.close();
        },
      };
    },
  };
}
