// How far each server's own log was read, and which scan of its libraries was followed, so that what happened while we were away is found first.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const syncCheckpointsMigration: Migration = {
  name: '015-sync-checkpoints',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('sync_checkpoints')
      .addColumn('server', 'text', (column) => column.primaryKey())
      // Of the newest entry, by that server's clock.
      .addColumn('activity_ms', 'bigint', (column) => column.notNull())
      .addColumn('activity_id', 'bigint', (column) => column.notNull())
      // By that server's clock; null before the first.
      .addColumn('scan_end_ms', 'bigint')
      .execute();
  },
};
