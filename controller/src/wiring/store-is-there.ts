// Whether what must be kept can be kept: the data folder for SQLite, an answer for PostgreSQL.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Config } from '../config/config-schema.ts';
import type { Database } from '../database/open-database.ts';

/** Rejects where it is gone. SQLite lives in memory and would answer without its folder, so that is looked at too. */
export const storeIsThere = (config: Pick<Config, 'database'>, database: Database) => async (): Promise<void> => {
  if (config.database.url === null) await access(config.database.path, constants.W_OK | constants.X_OK);
  await sql`select 1`.execute(database.tables<Record<string, never>>());
};
