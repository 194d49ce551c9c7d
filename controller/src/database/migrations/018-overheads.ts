// What kinds of players were seen to draw above what their films need.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const overheadsMigration: Migration = {
  name: '018-overheads',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('bandwidth_overheads')
      .addColumn('kind', 'text', (column) => column.primaryKey())
      .addColumn('lessons', 'text', (column) => column.notNull())
      .execute();
  },
};
