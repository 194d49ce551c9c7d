// What is shared: groups with their items, the seeds that they come from, and the nodes that may have them.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const distributionMigration: Migration = {
  name: '016-distribution',
  async up(db: Kysely<unknown>): Promise<void> {
    await createGroups(db);
    await db.schema
      .createTable('distribution_seeds')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('mtime_ms', 'bigint', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('problem', 'text')
      // Where it goes: group, path there and title, as JSON.
      .addColumn('places', 'text', (column) => column.notNull())
      .addColumn('info_hash', 'text')
      // Its files with their hashes, as JSON, and the .torrent in base64; null until it is hashed.
      .addColumn('files', 'text')
      .addColumn('torrent', 'text')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('distribution_nodes')
      .addColumn('node', 'text', (column) => column.primaryKey())
      .addColumn('site', 'text', (column) => column.notNull())
      .addColumn('groups', 'text', (column) => column.notNull())
      // SHA-256 of the token in hex.
      .addColumn('digest', 'text', (column) => column.notNull().unique())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};

async function createGroups(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('distribution_groups')
    .addColumn('name', 'text', (column) => column.primaryKey())
    // 0: not there any more. The row stays, since a version must never come back.
    .addColumn('is_there', 'integer', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('issued_at', 'bigint', (column) => column.notNull())
    .execute();
  const inGroup = (table: string) =>
    db.schema
      .createTable(table)
      .addColumn('group_name', 'text', (column) => column.notNull().references('distribution_groups.name').onDelete('cascade'));
  await inGroup('distribution_items')
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('item', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('distribution_items_key', ['group_name', 'position'])
    .execute();
  // Told once that every node has it.
  await inGroup('distribution_everywhere')
    .addColumn('item_key', 'text', (column) => column.notNull())
    .addColumn('told_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('distribution_everywhere_key', ['group_name', 'item_key'])
    .execute();
}
