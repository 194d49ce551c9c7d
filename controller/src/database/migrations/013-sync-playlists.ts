// What is agreed of each person's playlists, what each server was last seen to have of them, and what was written.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const syncPlaylistsMigration: Migration = {
  name: '013-sync-playlists',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('sync_lists')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('person', 'text', (column) => column.notNull())
      // Read as a whole and never searched: JSON.
      .addColumn('agreed', 'text', (column) => column.notNull())
      .addColumn('updated_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('sync_lists_person').on('sync_lists').column('person').execute();
    await db.schema
      .createTable('sync_list_places')
      .addColumn('server', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('list', 'text', (column) => column.notNull())
      .addColumn('list_id', 'text')
      .addColumn('seen', 'text')
      // What we began to write and have not read back: after a crash it tells our doing from a person's.
      .addColumn('writing', 'text')
      .addColumn('read_ms', 'bigint', (column) => column.notNull())
      .addColumn('tried', 'text')
      .addColumn('due_ms', 'bigint', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('problem', 'text')
      .addPrimaryKeyConstraint('sync_list_places_key', ['server', 'user_id', 'list'])
      .execute();
    await db.schema.createIndex('sync_list_places_list').on('sync_list_places').column('list').execute();
    await db.schema
      .createTable('sync_list_log')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('person', 'text', (column) => column.notNull())
      .addColumn('list', 'text', (column) => column.notNull())
      .addColumn('target', 'text', (column) => column.notNull())
      .addColumn('before', 'text')
      .addColumn('after', 'text')
      .addColumn('message', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('sync_list_log_at').on('sync_list_log').column('at_ms').execute();
  },
};
