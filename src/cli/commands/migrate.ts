import { type Command } from 'commander';
import { connect, resolveConnection } from '../../clickhouse/client.js';
import { migrate } from '../../clickhouse/migrate.js';
import { connectionOf, wholeNumber, withConnection, type ConnectionFlags } from '../options.js';
import { say, startProgress } from '../output.js';

/** `spanbus migrate`: creates the schema or brings it up to date. */
export function addMigrate(program: Command): void {
  withConnection(program.command('migrate'))
    .description('create or upgrade the schema; safe to repeat and to run from several places at once')
    .option('--ttl-days <days>', 'drop spans after this many days', wholeNumber('--ttl-days', 1, 36_500))
    .action(async (flags: ConnectionFlags & { ttlDays?: number }) => {
      const connection = resolveConnection(connectionOf(flags));
      const client = connect(connection);
      const progress = startProgress('migrating');
      try {
        const { database, url } = connection;
        const { applied } = await migrate(client, {
          database,
          url,
          ...(flags.ttlDays === undefined ? {} : { ttlDays: flags.ttlDays }),
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
