import * as v3 from '@nats-io/transport-node';
import * as js3 from '@nats-io/jetstream';
import { Svcm } from '@nats-io/services';
import * as v2 from 'nats';

type Connection = v3.NatsConnection;

/** A generation of the NATS client; both are driven by the newer one's types, where they agree. */
export interface Generation {
  readonly name: string;
  readonly version: 2 | 3;
  connect(options: v3.NodeConnectionOptions): Promise<Connection>;
  headers(code?: number, description?: string): v3.MsgHdrs;
  jetstream(nc: Connection): js3.JetStreamClient;
  jetstreamManager(nc: Connection): Promise<js3.JetStreamManager>;
  services(nc: Connection): Svcm;
}

const older = (nc: Connection): v2.NatsConnection => nc as unknown as v2.NatsConnection;

export const generations: readonly Generation[] = [
  {
    name: '@nats-io/transport-node 3',
    version: 3,
    connect: v3.connect,
    headers: v3.headers,
    jetstream: js3.jetstream,
    jetstreamManager: js3.jetstreamManager,
    services: (nc) => new Svcm(nc as unknown as ConstructorParameters<typeof Svcm>[0]),
  },
  {
    name: 'nats 2',
    version: 2,
    connect: (options) => v2.connect(options) as unknown as Promise<Connection>,
    headers: (code, description) => v2.headers(code, description) as unknown as v3.MsgHdrs,
    jetstream: (nc) => older(nc).jetstream() as unknown as js3.JetStreamClient,
    jetstreamManager: (nc) => older(nc).jetstreamManager() as unknown as Promise<js3.JetStreamManager>,
    services: (nc) => older(nc).services as unknown as Svcm,
  },
];
