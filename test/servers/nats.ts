import { writeFileSync } from 'node:fs';
import { startServer, type LocalServer } from './local-server.js';

/** A `nats-server` of the test's own, with JetStream. @param config lines for its configuration file */
export function startNats(config = ''): Promise<LocalServer> {
  return startServer('nats-server', 'nats', (port, dir) => {
    const file = `${dir}/nats.conf`;
    writeFileSync(file, config);
    return ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', dir, '-c', file];
  });
}
