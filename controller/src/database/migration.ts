// What a migration is: one numbered step of the tables, never edited once released.
import type { Kysely } from 'kysely';

/**
 * Runs once, in one transaction, on SQLite and on PostgreSQL alike: use Kysely's schema builder with column types that mean the
 * same on both: `text`, `integer` (32 bit), `bigint` (times, counters), `double precision`, `bytea`; truth values are `integer`
 * 0 or 1. No `serial`, `autoincrement` or default of the current time: ids and times come in as parameters, else replaying the
 * journal would not give the same rows.
 */
export type Migration = {
  /** Number and task, e.g. `001-broker`. Recorded; a database that knows a name which this list lacks is not opened. */
  readonly name: string;
  up(db: Kysely<unknown>): Promise<void>;
};
