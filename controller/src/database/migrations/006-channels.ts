// Channels with what belongs to each, their schedules, and what nightly probes found of items.
import type { CreateTableBuilder, Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const channelsMigration: Migration = {
  name: '006-channels',
  async up(db: Kysely<unknown>): Promise<void> {
    await createChannels(db);
    await createLists(db);
    await createSchedule(db);
    await db.schema
      .createTable('item_probes')
      .addColumn('server', 'text', (column) => column.notNull())
      .addColumn('item_id', 'text', (column) => column.notNull())
      .addColumn('probed_at', 'bigint', (column) => column.notNull())
      .addColumn('ok', 'integer', (column) => column.notNull())
      .addColumn('problem', 'text')
      .addColumn('media', 'text')
      .addColumn('gain_db', 'double precision', (column) => column.notNull())
      .addPrimaryKeyConstraint('item_probes_key', ['server', 'item_id'])
      .execute();
  },
};

async function createChannels(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('channels')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text')
    .addColumn('number', 'text', (column) => column.notNull().unique())
    .addColumn('group_title', 'text')
    .addColumn('logo', 'text')
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('schedule_type', 'text', (column) => column.notNull())
    .addColumn('seed', 'bigint', (column) => column.notNull())
    // What only narrows, plans or paints is read as a whole and never searched: JSON.
    .addColumn('narrowing', 'text', (column) => column.notNull())
    .addColumn('rules', 'text', (column) => column.notNull())
    .addColumn('look', 'text', (column) => column.notNull())
    .addColumn('tuner_host_id', 'text')
    .addColumn('listing_provider_id', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  // A deleted channel's id must never come back: links to it live on in players.
  await db.schema
    .createTable('channel_ids')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('next_id', 'integer', (column) => column.notNull())
    .execute();
}

async function createLists(db: Kysely<unknown>): Promise<void> {
  await listOf(db, 'channel_libraries')
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('library_id', 'text', (column) => column.notNull())
    .addColumn('library_name', 'text', (column) => column.notNull())
    .addColumn('collection_type', 'text')
    .execute();
  await listOf(db, 'channel_sources')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('source_id', 'text', (column) => column.notNull())
    .addColumn('source_name', 'text', (column) => column.notNull())
    .execute();
  await listOf(db, 'channel_genres')
    .addColumn('genre', 'text', (column) => column.notNull())
    .addColumn('content_type', 'text', (column) => column.notNull())
    .execute();
  await listOf(db, 'channel_exclusions')
    .addColumn('server', 'text', (column) => column.notNull())
    .addColumn('item_id', 'text', (column) => column.notNull())
    .execute();
}

/** Rows of one channel in their order; gone with it. */
const listOf = (db: Kysely<unknown>, table: string): CreateTableBuilder<string, 'channel_id' | 'position'> =>
  db.schema
    .createTable(table)
    .addColumn('channel_id', 'integer', (column) => column.notNull().references('channels.id').onDelete('cascade'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint(`${table}_key`, ['channel_id', 'position']);

async function createSchedule(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('channel_schedules')
    .addColumn('channel_id', 'integer', (column) => column.primaryKey().references('channels.id').onDelete('cascade'))
    .addColumn('generated_through', 'bigint')
    .addColumn('memory', 'text')
    .execute();
  await db.schema
    .createTable('schedule_entries')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('channel_id', 'integer', (column) => column.notNull().references('channels.id').onDelete('cascade'))
    .addColumn('start_ms', 'bigint', (column) => column.notNull())
    .addColumn('end_ms', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('series_title', 'text')
    .addColumn('season', 'integer')
    .addColumn('episode', 'integer')
    .addColumn('server', 'text')
    .addColumn('item_id', 'text')
    .addColumn('library_id', 'text')
    .addColumn('from_ms', 'bigint', (column) => column.notNull())
    .addColumn('genres', 'text', (column) => column.notNull())
    .addColumn('fixed', 'integer', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('schedule_entries_channel_start')
    .on('schedule_entries')
    .columns(['channel_id', 'start_ms'])
    .execute();
}
