// Hooks of media servers that were acknowledged and wait to be worked on.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const syncInboxMigration: Migration = {
  name: '010-sync-inbox',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('sync_inbox')
      .addColumn('id', 'bigint', (column) => column.primaryKey())
      .addColumn('server', 'text', (column) => column.notNull())
      .addColumn('received_at', 'bigint', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('sync_inbox_server').on('sync_inbox').columns(['server', 'id']).execute();
  },
};
