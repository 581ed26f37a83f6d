import type { ClickHouseClient } from '@clickhouse/client';
import { connect } from '../clickhouse/client.js';
import { startEmbedded, type EmbeddedOptions } from '../clickhouse/embedded.js';

/** Exit codes of a program that a signal ended. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** What a command gets to work with for as long as it runs. */
export interface TemporaryServer {
  url: string;
  client: ClickHouseClient;
  /** Aborts when the command is to end before its time, with the reason in one line. */
  signal: AbortSignal;
}

/** Runs `use` on an embedded ClickHouse that ends with it; a signal, or ClickHouse's own end, ends both in order. */
export async function withServer(
  options: EmbeddedOptions,
  use: (server: TemporaryServer) => Promise<void>,
): Promise<void> {
  const server = await startEmbedded(options);
  const ending = new AbortController();
  const closed = server.closed.then(() => ending.abort(new Error('the embedded ClickHouse ended by itself')));
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      process.exitCode = code;
      ending.abort(new Error(`${signal}: ended before its time`));
      // whoever insists need not wait
      process.once(signal, () => process.exit(code));
    });
  }
  const client = connect({ url: server.url });
  try {
    await use({ url: server.url, client, signal: ending.signal });
  } catch (error) {
    throw ending.signal.aborted ? ending.signal.reason : error;
  } finally {
    await client.close();
    await server.close();
    await closed;
  }
}
