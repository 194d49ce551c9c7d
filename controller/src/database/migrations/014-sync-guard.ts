// Losses that are held until a person has answered, and what makes them doubtful; users who were made, who are gone, and what a person said to that.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const syncGuardMigration: Migration = {
  name: '014-sync-guard',
  async up(db: Kysely<unknown>): Promise<void> {
    await createHolds(db);
    await createDoubts(db);
    await createUsers(db);
  },
};

async function createHolds(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sync_holds')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('person', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('why', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('opened_ms', 'bigint', (column) => column.notNull())
    .addColumn('closed_ms', 'bigint')
    // 0: nobody was told of it yet.
    .addColumn('told', 'integer', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('sync_holds_user').on('sync_holds').columns(['server', 'user_id', 'status']).execute();
  await db.schema
    .createTable('sync_held')
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    // Or what else was lost there: `list:…`.
    .addColumn('item_id', 'text', (column) => column.notNull())
    .addColumn('hold_id', 'bigint', (column) => column.notNull())
    .addColumn('person', 'text', (column) => column.notNull())
    .addColumn('identity', 'text', (column) => column.notNull())
    .addColumn('item_name', 'text', (column) => column.notNull())
    .addColumn('item_path', 'text')
    .addColumn('before', 'text', (column) => column.notNull())
    .addColumn('after', 'text', (column) => column.notNull())
    .addColumn('set_ms', 'double precision', (column) => column.notNull())
    .addColumn('not_before_ms', 'bigint', (column) => column.notNull())
    // Of what is no state of an item: what a person said, until it is asked for.
    .addColumn('answer', 'text')
    .addPrimaryKeyConstraint('sync_held_key', ['server', 'user_id', 'item_id'])
    .execute();
  await db.schema.createIndex('sync_held_hold').on('sync_held').column('hold_id').execute();
}

async function createDoubts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sync_losses')
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('item_id', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('sync_losses_key', ['server', 'user_id', 'item_id'])
    .execute();
  await db.schema
    .createTable('sync_doubts')
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('why', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('sync_doubts_key', ['server', 'reason'])
    .execute();
}

async function createUsers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sync_confirmations')
    .addColumn('what', 'text', (column) => column.primaryKey())
    .addColumn('by_whom', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('sync_made_users')
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('person', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    // Encrypted; null where there is none, or it was fetched.
    .addColumn('password', 'text')
    .addColumn('problem', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('due_ms', 'bigint', (column) => column.notNull())
    .addColumn('made_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('sync_made_users_key', ['server', 'person'])
    .execute();
  await db.schema
    .createTable('sync_departures')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('person', 'text', (column) => column.notNull())
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('gone_ms', 'bigint', (column) => column.notNull())
    .addColumn('confirmed_ms', 'bigint')
    .addColumn('told', 'integer', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('sync_departures_person').on('sync_departures').column('person').execute();
}
