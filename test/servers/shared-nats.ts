import { startNats } from './nats.js';

/** A NATS server to talk to but not to kill: the one at NATS_URL, else one of the test's own. */
export async function sharedNats(): Promise<{ url: string; stop(): Promise<void> }> {
  const url = process.env['NATS_URL'];
  return url ? { url, stop: async () => {} } : startNats();
}
