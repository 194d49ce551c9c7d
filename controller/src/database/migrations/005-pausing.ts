// Which torrents Headgate stopped, by client: kept from before they are stopped until they run again.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const pausingMigration: Migration = {
  name: '005-pausing',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('paused_torrents')
      .addColumn('client', 'text', (column) => column.primaryKey())
      .addColumn('ids', 'text', (column) => column.notNull())
      .execute();
  },
};
