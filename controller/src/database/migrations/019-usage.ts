// What each viewer, player and download client drew, in minutes, quarters of an hour and days; the WAN's bytes by day; what was told of a data cap.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const usageMigration: Migration = {
  name: '019-usage',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('usage_subjects')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('dimension', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('place', 'text', (column) => column.notNull())
      .addUniqueConstraint('usage_subjects_key', ['dimension', 'name', 'place'])
      .execute();
    await db.schema
      .createTable('usage_points')
      .addColumn('tier', 'integer', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('subject', 'integer', (column) => column.notNull())
      .addColumn('up_bytes', 'bigint', (column) => column.notNull())
      .addColumn('down_bytes', 'bigint', (column) => column.notNull())
      .addColumn('ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('usage_points_key', ['tier', 'at', 'subject'])
      .execute();
    await db.schema
      .createTable('usage_wan_days')
      .addColumn('at', 'bigint', (column) => column.primaryKey())
      .addColumn('up_bytes', 'bigint', (column) => column.notNull())
      .addColumn('down_bytes', 'bigint', (column) => column.notNull())
      .addColumn('seen_ms', 'bigint', (column) => column.notNull())
      .addColumn('filled_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('usage_baseline')
      .addColumn('wan', 'text', (column) => column.primaryKey())
      .addColumn('device', 'text', (column) => column.notNull())
      .addColumn('uptime_s', 'double precision', (column) => column.notNull())
      .addColumn('tx_bytes', 'bigint', (column) => column.notNull())
      .addColumn('rx_bytes', 'bigint', (column) => column.notNull())
      .addColumn('utc', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('data_cap_told')
      .addColumn('month_at', 'bigint', (column) => column.notNull())
      .addColumn('threshold', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('data_cap_told_key', ['month_at', 'threshold'])
      .execute();
  },
};
