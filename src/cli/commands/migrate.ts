import { type Command } from 'commander';
import { connect, resolveConnection } from '../../clickhouse/client.js';
import { migrate } from '../../clickhouse/migrate.js';
import { UsageError } from '../errors.js';
import { connectionOf, wholeNumber, withConnection, type ConnectionFlags } from '../options.js';
import { say, startProgress } from '../output.js';

interface MigrateFlags extends ConnectionFlags {
  ttlDays?: number;
  cluster?: string;
  withoutKeeper?: boolean;
}

/** `spanbus migrate`: creates the schema or brings it up to date. */
export function addMigrate(program: Command): void {
  withConnection(program.command('migrate'))
    .description('create or upgrade the schema; safe to repeat and to run from several places at once')
    .option('--ttl-days <days>', 'drop spans after this many days', wholeNumber('--ttl-days', 1, 36_500))
    .option('--cluster <name>', 'spread the database over this cluster: Replicated and Distributed tables, ON CLUSTER')
    .option('--without-keeper', 'of a cluster without Keeper: plain tables; to be run on each server')
    .action(async (flags: MigrateFlags) => {
      const { cluster, withoutKeeper = false } = flags;
      if (withoutKeeper && cluster === undefined) throw new UsageError('--without-keeper goes with --cluster');
      const connection = resolveConnection(connectionOf(flags));
      const client = connect(connection);
      const progress = startProgress('migrating');
      try {
        const { database, url } = connection;
        const { applied } = await migrate(client, {
          database,
          url,
          ...(flags.ttlDays === undefined ? {} : { ttlDays: flags.ttlDays }),
          ...(cluster === undefined ? {} : { cluster: { name: cluster, keeper: !withoutKeeper } }),
        });
        progress.end();
        say(
          applied.length === 0
            ? `the schema of database ${JSON.stringify(database)} is up to date`
            : `the schema of database ${JSON.stringify(database)} is ready (${applied.length} statements)`,
        );
      } finally {
        progress.end();
        await client.close();
      }
    });
}
