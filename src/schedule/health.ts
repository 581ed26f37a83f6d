import { createServer, type Server } from 'node:http';

/** The last run of a scheduler, as its health endpoint shows it. Times are ISO. */
export interface LastRun {
  due: string;
  seconds: number;
  hours: number;
  spans: number;
  /** Why it failed, in one line; absent when all went well. */
  error?: string;
}

export interface Health {
  lastRun: LastRun | null;
  nextRun: string | null;
}

/**
 * Answers every GET on 127.0.0.1 with the health as JSON: 200, or 503 when the last run failed.
 *
 * @throws Error in one line when the port cannot be had
 */
export async function serveHealth(port: number, health: () => Health): Promise<Server> {
  const server = createServer((_, response) => {
    const now = health();
    const ok = now.lastRun?.error === undefined;
    response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify({ status: ok ? 'ok' : 'failing', ...now })}\n`);
  });
  await new Promise<void>((up, fail) => {
    const refuse = ({ code, message }: NodeJS.ErrnoException): void => {
      const why = code === 'EADDRINUSE' ? 'is taken' : `cannot be had: ${message}`;
      fail(new Error(`port ${port} on 127.0.0.1, for the health, ${why}`));
    };
    server.once('error', refuse).listen(port, '127.0.0.1', up);
  });
  server.unref();
  return server;
}
