import { startServer, type LocalServer } from './local-server.js';

/** A `redis-server` of the test's own, in memory only. @param args more of its command line */
export function startRedis(...args: string[]): Promise<LocalServer> {
  return startServer('redis-server', 'redis', (port, dir) => {
    return ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir, ...args];
  });
}
