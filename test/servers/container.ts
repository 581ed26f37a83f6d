import { once } from 'node:events';
import { connect } from 'node:net';
import type { LocalServer } from './local-server.js';

/** Images for the programs that tests start, where they are not on the machine but Docker is. Not run where this was written. */
const IMAGES: Record<string, { image: string; port: number }> = {
  'nats-server': { image: 'nats:2.11', port: 4222 },
  'redis-server': { image: 'redis:8', port: 6379 },
};

/** Whether a Docker engine answers. */
export async function hasDocker(): Promise<boolean> {
  const socket = connect('/var/run/docker.sock');
  const up = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return up;
}

/** The same server in a container; it can be stopped and killed, and a restart keeps its port. */
export async function startContainer(command: string, scheme: string, args: string[]): Promise<LocalServer> {
  const { GenericContainer } = await import('testcontainers');
  const { image, port } = IMAGES[command]!;
  const container = await new GenericContainer(image).withExposedPorts(port).withCommand(args).start();
  const mapped = container.getMappedPort(port);
  return {
    url: `${scheme}://${container.getHost()}:${mapped}`,
    port: mapped,
    pid: 0,
    kill: async () => void (await container.stop({ timeout: 0, remove: false })),
    restart: () => container.restart(),
    freeze: () => void container.exec(['kill', '-STOP', '1']),
    thaw: () => void container.exec(['kill', '-CONT', '1']),
    stop: async () => void (await container.stop()),
  };
}
