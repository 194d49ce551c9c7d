// What is agreed of what people watched, what each server was last seen to have, what is still to be brought to whom, and what was done.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const syncStateMigration: Migration = {
  name: '011-sync-state',
  async up(db: Kysely<unknown>): Promise<void> {
    await createStates(db);
    await createQueue(db);
    await createLog(db);
    await db.schema
      .createTable('sync_users')
      .addColumn('server', 'text', (column) => column.notNull())
      .addColumn('user_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('person', 'text', (column) => column.notNull())
      .addColumn('is_admin', 'integer', (column) => column.notNull())
      .addColumn('is_disabled', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('sync_users_key', ['server', 'user_id'])
      .execute();
  },
};

async function createStates(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sync_registers')
    .addColumn('person', 'text', (column) => column.notNull())
    .addColumn('identity', 'text', (column) => column.notNull())
    // Read as a whole and never searched: JSON.
    .addColumn('registers', 'text', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('sync_registers_key', ['person', 'identity'])
    .execute();
  await db.schema.createIndex('sync_registers_identity').on('sync_registers').column('identity').execute();
  await db.schema
    .createTable('sync_shadows')
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('item_id', 'text', (column) => column.notNull())
    .addColumn('seen', 'text', (column) => column.notNull())
    // By the server's own clock, with parts of a ms: hooks come out of order.
    .addColumn('hook_ms', 'double precision')
    .addColumn('read_ms', 'bigint')
    // The last few changes, for hooks that come late: JSON.
    .addColumn('past', 'text')
    .addPrimaryKeyConstraint('sync_shadows_key', ['server', 'user_id', 'item_id'])
    .execute();
  await db.schema
    .createTable('sync_alignments')
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('aligned_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('sync_alignments_key', ['server', 'user_id'])
    .execute();
}

async function createQueue(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sync_queue')
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('person', 'text', (column) => column.notNull())
    .addColumn('identity', 'text', (column) => column.notNull())
    .addColumn('id', 'bigint', (column) => column.notNull())
    // Grows with each change: what is delivered is taken out only where it is still what was read.
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('event_type', 'text', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('item_name', 'text', (column) => column.notNull())
    .addColumn('item_path', 'text')
    .addColumn('due_ms', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('absent_tries', 'integer', (column) => column.notNull())
    .addColumn('problem', 'text')
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('sync_queue_key', ['server', 'person', 'identity'])
    .execute();
  await db.schema.createIndex('sync_queue_due').on('sync_queue').columns(['server', 'status', 'due_ms']).execute();
  await db.schema.createIndex('sync_queue_identity').on('sync_queue').column('identity').execute();
}

async function createLog(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sync_log')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('person', 'text', (column) => column.notNull())
    .addColumn('identity', 'text', (column) => column.notNull())
    .addColumn('item_id', 'text', (column) => column.notNull())
    .addColumn('item_name', 'text', (column) => column.notNull())
    .addColumn('event_type', 'text', (column) => column.notNull())
    .addColumn('before', 'text', (column) => column.notNull())
    .addColumn('after', 'text', (column) => column.notNull())
    .addColumn('success', 'integer', (column) => column.notNull())
    .addColumn('message', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('sync_log_at').on('sync_log').column('at_ms').execute();
  await db.schema.createIndex('sync_log_item').on('sync_log').columns(['person', 'identity']).execute();
}
