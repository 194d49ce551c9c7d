// The picture of each channel that copies its files: fixed once they were seen to agree.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const channelPicturesMigration: Migration = {
  name: '009-channel-pictures',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('channel_pictures')
      .addColumn('channel_id', 'integer', (column) => column.primaryKey().references('channels.id').onDelete('cascade'))
      .addColumn('picture', 'text', (column) => column.notNull())
      .execute();
  },
};
