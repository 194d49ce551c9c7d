// PostgreSQL instead of the folder: a pool behind the same Kysely, and a lock that says that one controller uses it.
import { type Dialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import { ControllerError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { likeSqlite } from './like-sqlite.ts';

export type OpenPostgres = AsyncDisposable & {
  readonly dialect: Dialect;
  readonly problems: readonly string[];
  keepCopy(name: string): Promise<void>;
};

/** Any number that other programs in the same database will not use for an advisory lock: "Headgate" on a telephone's keys. */
const lockKey = 43234283;
const int8 = 20;

/** Throws `upstream_unreachable` or `upstream_refused` without the URL, which may hold a password; `locked` beside another controller. */
export async function openPostgres({ url, log }: { readonly url: string; readonly log: Log }): Promise<OpenPostgres> {
  // bigint columns come as text by default, since they may exceed 2^53; ours (times, counters) do not, and SQLite gives numbers.
  const types = {
    getTypeParser: (oid: number, format?: 'text' | 'binary') => (oid === int8 ? Number : pg.types.getTypeParser(oid, format)),
  } as pg.CustomTypesConfig;
  if (!URL.canParse(url)) throw new ControllerError('config_invalid', 'database.url is no postgres:// URL.');
  const pool = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis: 10_000, types });
  pool.on('error', (error) => log.warn({ error: error.message }, 'an idle connection to PostgreSQL was lost'));
  const owner = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, keepAlive: true });
  owner.on('error', (error) => log.warn({ error: error.message }, 'the connection that holds the lock was lost'));
  try {
    await owner.connect();
    const { rows } = await owner.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [lockKey]);
    if (rows[0]?.locked !== true) throw new ControllerError('locked', 'Another Headgate uses this PostgreSQL database.');
  } catch (cause) {
    await owner.end().catch(() => {});
    await pool.end();
    if (cause instanceof ControllerError) throw cause;
    throw new ControllerError('upstream_unreachable', `PostgreSQL cannot be used: ${messageOf(cause)}`, { cause });
  }
  return {
    dialect: likeSqlite(new PostgresDialect({ pool })),
    problems: [],
    keepCopy: async (name) =>
      log.info({ last: name }, 'PostgreSQL is migrated without a copy: its own backup holds the old state'),
    [Symbol.asyncDispose]: async () => {
      await owner.end().catch(() => {});
      if (!pool.ended) await pool.end();
    },
  };
}
