// For the tests: a real database with the inbox alone in it.
import { systemClock } from '../../../src/clock.ts';
import { syncInboxMigration } from '../../../src/database/migrations/010-sync-inbox.ts';
import { type Database, openDatabase } from '../../../src/database/open-database.ts';
import { silentLog } from '../../../src/log.ts';
import type { Hook } from '../../../src/sync/intake/inbox-store.ts';

/** @param url of a PostgreSQL, which is taken instead of the folder */
export const openInboxDatabase = (path: string, url?: string): Promise<Database> =>
  openDatabase({
    ...{ path, log: silentLog, clock: systemClock, migrations: [syncInboxMigration] },
    ...(url === undefined ? {} : { url }),
  });

export const hook = (n: number, server = 'wan'): Hook => ({ server, receivedMs: 1_000 + n, body: `{"n":${n}}` });
