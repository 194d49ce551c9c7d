// What sync shows without reading whole tables, what a person switched, and what the first meetings found.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const syncShownMigration: Migration = {
  name: '012-sync-shown',
  async up(db: Kysely<unknown>): Promise<void> {
    // Lists, the oldest first, and a row by its number.
    await db.schema.createIndex('sync_queue_order').on('sync_queue').columns(['server', 'status', 'id']).execute();
    // Totals by server without reading the entries.
    await db.schema.createIndex('sync_log_target').on('sync_log').columns(['target', 'at_ms', 'success']).execute();
    await db.schema
      .createTable('sync_settings')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('sync_meetings')
      .addColumn('server', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('person', 'text', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      // Read as a whole and never searched: JSON.
      .addColumn('report', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('sync_meetings_key', ['server', 'user_id'])
      .execute();
  },
};
