// Originals and writes of limits, the operator's settings, the history of decisions.
import type { Kysely } from 'kysely';

export const bandwidthMigration = {
  name: '002-bandwidth',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('limit_originals')
      .addColumn('target', 'text', (column) => column.primaryKey())
      .addColumn('label', 'text', (column) => column.notNull())
      .addColumn('original_bps', 'bigint', (column) => column.notNull())
      .addColumn('held', 'integer', (column) => column.notNull())
      .addColumn('changed_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('limit_writes')
      .addColumn('target', 'text', (column) => column.notNull())
      .addColumn('bps', 'bigint', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('limit_writes_target').on('limit_writes').columns(['target', 'at']).execute();
    await db.schema
      .createTable('bandwidth_settings')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('bandwidth_decisions')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('mode', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('bandwidth_decisions_at').on('bandwidth_decisions').column('at').execute();
  },
};
