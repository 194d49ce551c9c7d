// Brings a database's tables up to date: each migration once, in order, in one transaction, recorded in a table.
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import { ControllerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Migration } from './migration.ts';

type MigrationTable = { headgate_migration: { name: string; applied_at: number } };

export type Migrating = {
  readonly db: Kysely<unknown>;
  readonly migrations: readonly Migration[];
  readonly log: Log;
  readonly clock: Clock;
  /** Called before the first migration of a database that has data; `name` is that of the last one it knows. */
  keepCopy(name: string): Promise<void>;
};

/** Throws `storage_failed` where a migration fails (the database is as before it) or where a newer Headgate made the database. */
export async function runMigrations({ db, migrations, log, clock, keepCopy }: Migrating): Promise<void> {
  const known = db.withTables<MigrationTable>();
  const tables = await db.introspection.getTables();
  if (!tables.some((table) => table.name === 'headgate_migration')) await createTable(db);
  const rows = await known.selectFrom('headgate_migration').select('name').orderBy('name').execute();
  const applied = new Set(rows.map((row) => row.name));
  const names = new Set(migrations.map((migration) => migration.name));
  const foreign = rows.find((row) => !names.has(row.name));
  if (foreign !== undefined) {
    throw new ControllerError('storage_failed', `The database was made by a newer Headgate: it knows "${foreign.name}".`);
  }
  const missing = migrations.filter((migration) => !applied.has(migration.name));
  const newest = rows.at(-1)?.name;
  if (newest !== undefined && missing.length > 0) await keepCopy(newest);
  for (const migration of missing) {
    try {
      await db.transaction().execute(async (transaction) => {
        await migration.up(transaction);
        await transaction
          .withTables<MigrationTable>()
          .insertInto('headgate_migration')
          .values({ name: migration.name, applied_at: clock.now() })
          .execute();
      });
    } catch (cause) {
      throw new ControllerError('storage_failed', `Migration "${migration.name}" failed: ${messageOf(cause)}`, { cause });
    }
    log.info({ migration: migration.name }, 'the database was migrated');
  }
}

const createTable = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable('headgate_migration')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute();
