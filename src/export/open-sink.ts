import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { InvalidOptionError } from '../errors.js';
import type { ResolvedOptions } from '../options.js';
import type { SpanSink } from './batch-exporter.js';
import type { ClickHouseConnection } from './clickhouse-connection.js';
import { ClickHouseSink } from './clickhouse-sink.js';
import { SpoolingSink } from './spooling-sink.js';
import { Spool } from './spool.js';

/**
 * The way to ClickHouse that the options ask for: with a spool on disk, or without.
 *
 * @throws InvalidOptionError when the spool's directory cannot be made
 */
export function openSink(connection: ClickHouseConnection, options: ResolvedOptions): SpanSink {
  const { service, resource, spool, clickhouse, batch } = options;
  const sink = new ClickHouseSink(connection, { service, attributes: resource });
  if (spool.directory === undefined) return sink;
  // processes that share the directory may write to different servers
  const target = createHash('sha256').update(`${clickhouse.url}\n${clickhouse.database}`).digest('hex').slice(0, 16);
  const directory = join(resolve(spool.directory), target);
  try {
    return new SpoolingSink(sink, new Spool(directory, spool.maxBytes), batch.retryMs);
  } catch (error) {
    throw new InvalidOptionError('queue.spoolDir', (error as Error).message);
  }
}
