import { Agent as HttpAgent, type ClientRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';

const OPTIONS = { keepAlive: true, maxSockets: 2 };

/** What Node's agents do with sockets, which their types leave out. */
interface SocketMethods {
  createConnection(options: object, callback?: (error: Error | null, socket?: Socket) => void): Socket | undefined;
  reuseSocket(socket: Socket, request: ClientRequest): void;
}

/** Connections that do not keep the process alive, not even while a request waits for its answer: who waits holds a timer. */
export function backgroundAgent(url: string): HttpAgent | HttpsAgent {
  const agent = url.startsWith('https:') ? new HttpsAgent(OPTIONS) : new HttpAgent(OPTIONS);
  const methods = agent as unknown as SocketMethods;
  const create = methods.createConnection.bind(agent);
  const reuse = methods.reuseSocket.bind(agent);
  methods.createConnection = (options, callback) => create(options, callback)?.unref();
  methods.reuseSocket = (socket, request) => {
    reuse(socket, request);
    socket.unref();
  };
  return agent;
}
