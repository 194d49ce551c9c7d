// What was told, and what each sink still has to get.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const notificationsMigration: Migration = {
  name: '021-notifications',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('notifications')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('severity', 'text', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      // JSON.
      .addColumn('details', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('repeats', 'integer', (column) => column.notNull())
      // 1: a beginning whose end was not told.
      .addColumn('is_open', 'integer', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('notifications_at').on('notifications').column('at').execute();
    await db.schema.createIndex('notifications_subject').on('notifications').column('subject').execute();
    await db.schema
      .createTable('notification_queue')
      .addColumn('sink', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('queued_at', 'bigint', (column) => column.notNull())
      // 1: it came in quiet hours.
      .addColumn('held', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('notification_queue_key', ['sink', 'id'])
      .execute();
  },
};
