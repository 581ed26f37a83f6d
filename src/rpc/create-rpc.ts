import { RpcAnswerer } from './answerer.js';
import { RpcCaller } from './caller.js';
import { Limit } from './limit.js';
import type { Responder, Rpc } from './rpc.js';
import type { IncomingRequest, RpcTransport } from './transport.js';

/** An {@link Rpc} over a bus: spans, deadlines, correlation and errors are the same on all, the transport moves messages. */
export function createRpc(transport: RpcTransport): Rpc {
  const caller = new RpcCaller(transport);
  const answerer = new RpcAnswerer(transport);
  const responders = new Set<Responder>();
  return {
    request: (destination, data, options) => caller.request(destination, data, options),
    requestMany: (destination, data, options) => caller.requestMany(destination, data, options),
    async respond(destination, handler, options = {}) {
      const limit = new Limit(options.concurrency ?? Infinity);
      const answer = (request: IncomingRequest): Promise<void> =>
        limit.run(() => answerer.answer(destination, handler, request));
      const end = await transport.listen(destination, answer, options);
      const responder: Responder = {
        async stop() {
          if (!responders.delete(responder)) return;
          await end();
          await limit.idle();
        },
      };
      responders.add(responder);
      return responder;
    },
    stats: () => ({ lateReplies: caller.lateReplies, expiredRequests: answerer.expiredRequests }),
    async close() {
      caller.close();
      await Promise.all([...responders].map((responder) => responder.stop()));
      await transport.close();
    },
  };
}
