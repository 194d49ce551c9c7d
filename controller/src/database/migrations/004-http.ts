// Log-ins of the web page and API tokens. Only digests are kept: a stolen database opens nothing.
import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';

export const httpMigration: Migration = {
  name: '004-http',
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('http_sessions')
      .addColumn('digest', 'text', (column) => column.primaryKey())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('http_tokens')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('digest', 'text', (column) => column.notNull().unique())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
