// Told once, also over restarts: a node got wrong bytes of an item.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const quarantinesMigration: Migration = {
  name: '017-quarantines',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('distribution_quarantines')
      .addColumn('node', 'text', (column) => column.notNull())
      .addColumn('group_name', 'text', (column) => column.notNull())
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('told_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('distribution_quarantines_key', ['node', 'group_name', 'path'])
      .execute();
  },
};
