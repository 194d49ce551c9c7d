// Opens Headgate's database: durable SQLite in a folder, or PostgreSQL by its URL, with all migrations run.
import { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Migration } from './migration.ts';
import { openPostgres } from './open-postgres.ts';
import { openSqlite } from './open-sqlite.ts';
import { runMigrations } from './run-migrations.ts';

export type Database = AsyncDisposable & {
  /** The one Kysely, typed with the caller's own tables. */
  tables<T>(): Kysely<T>;
  /** Damage found when opening, in sentences; empty when all was well. */
  readonly problems: readonly string[];
};

export type DatabaseOptions = {
  /** Folder of the SQLite database. Not used with `url`. */
  readonly path: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly migrations: readonly Migration[];
  /** Statements in the journal after which a new snapshot is made: about a second's replay. 10,000 by default. */
  readonly compactAfterStatements?: number;
  /** `postgres://…`: PostgreSQL instead. May hold a password: never logged. */
  readonly url?: string;
};

/**
 * Whatever a statement or transaction did is durable when its promise resolves. Rejects with ControllerError: `conflict` for a
 * broken constraint, `storage_failed` for the rest (disk full: nothing was written, and the next write tries again).
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { path, url, clock, migrations, compactAfterStatements = 10_000 } = options;
  const log = options.log.child({ part: 'database' });
  await using cleanup = new AsyncDisposableStack();
  const source = cleanup.use(
    url === undefined ? await openSqlite({ path, log, clock, compactAfterStatements }) : await openPostgres({ url, log }),
  );
  const db = cleanup.adopt(new Kysely<unknown>({ dialect: source.dialect }), (each) => each.destroy());
  await runMigrations({ db, migrations, log, clock, keepCopy: source.keepCopy });
  const kept = cleanup.move();
  return {
    tables: <T>() => db.withTables() as unknown as Kysely<T>,
    problems: source.problems,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
