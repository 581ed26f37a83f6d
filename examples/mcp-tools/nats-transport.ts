import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  isJSONRPCErrorResponse,
  type JSONRPCMessage,
} from '@modelcontextprotocol/sdk/types.js';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';

/** MCP over NATS, the client's side: each JSON-RPC request is a request on the bus. */
export class NatsClientTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;

  constructor(
    private readonly nc: NatsConnection,
    private readonly subject: string,
  ) {}

  async start(): Promise<void> {}

  async send(message: JSONRPCMessage): Promise<void> {
    const text = JSON.stringify(message);
    if (!isJSONRPCRequest(message)) return this.nc.publish(this.subject, text);
    const reply = await this.nc.request(this.subject, text, { timeout: 30_000 });
    this.onmessage?.(reply.json());
  }

  async close(): Promise<void> {
    this.onclose?.();
  }
}

/** The server's side. Ids are the clients' own and may be equal: each request gets one of ours while it is handled. */
export class NatsServerTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  private subscription: Subscription | undefined;
  private readonly open = new Map<string | number, { request: Msg; id: string | number }>();
  private next = 0;

  constructor(
    private readonly nc: NatsConnection,
    private readonly subject: string,
  ) {}

  async start(): Promise<void> {
    this.subscription = this.nc.subscribe(this.subject, {
      queue: 'mcp',
      callback: (_error, request) => {
        const message: JSONRPCMessage = request.json();
        if (!isJSONRPCRequest(message)) return this.onmessage?.(message);
        const own = this.next++;
        this.open.set(own, { request, id: message.id });
        this.onmessage?.({ ...message, id: own });
      },
    });
    await this.nc.flush();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (!isJSONRPCResultResponse(message) && !isJSONRPCErrorResponse(message)) return;
    const asked = this.open.get(message.id!);
    this.open.delete(message.id!);
    asked?.request.respond(JSON.stringify({ ...message, id: asked.id }));
  }

  async close(): Promise<void> {
    await this.subscription?.drain();
    this.onclose?.();
  }
}
