// Consumers of channel streams and guides. Their tokens are made from the id and a key outside of the database: a stolen table opens nothing.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const streamTokensMigration: Migration = {
  name: '007-stream-tokens',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('stream_tokens')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
