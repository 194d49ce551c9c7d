// What each media server gave for tuner and guide, and when its probe of each channel was made.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const livetvRegistrationMigration: Migration = {
  name: '008-livetv-registration',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('livetv_registrations')
      .addColumn('server', 'text', (column) => column.primaryKey())
      .addColumn('wanted', 'integer')
      .addColumn('tuner_host_id', 'text')
      .addColumn('listing_provider_id', 'text')
      .addColumn('guide_saved_at', 'bigint')
      .execute();
    await db.schema
      .createTable('livetv_warmth')
      .addColumn('server', 'text', (column) => column.notNull())
      .addColumn('channel', 'text', (column) => column.notNull())
      .addColumn('picture', 'text', (column) => column.notNull())
      .addColumn('probed_at', 'bigint', (column) => column.notNull())
      .addColumn('warmed_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('livetv_warmth_key', ['server', 'channel'])
      .execute();
  },
};
