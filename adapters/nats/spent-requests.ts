import { maySpareStacks, withoutStacks } from './call-stack.js';

/** A request of the clients that one reply answers; one that many answer has no `deferred`, and makes no error at its end. */
interface ClientRequest {
  readonly deferred?: unknown;
  cancel(error?: Error): void;
}

/** Where the clients keep the requests of a connection that are not answered yet. */
interface OpenRequests {
  add(request: ClientRequest): void;
}

/**
 * Spares a connection what its client does for each request that was answered: it cancels it, with an error that nobody
 * gets to see, whose stack takes a fifteenth of the request's time. A client that keeps its requests elsewhere goes on as it does.
 */
export function spareSpentRequests(connection: object): void {
  const requests = (connection as { protocol?: { muxSubscriptions?: OpenRequests } }).protocol?.muxSubscriptions;
  if (typeof requests?.add !== 'function') return;
  const add = requests.add.bind(requests);
  requests.add = (request) => {
    if (request.deferred !== undefined) {
      const cancel = request.cancel.bind(request);
      request.cancel = (error) => (maySpareStacks() ? withoutStacks(() => cancel(error)) : cancel(error));
    }
    add(request);
  };
}
