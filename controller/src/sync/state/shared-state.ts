// What all share who take reports or deliver: one at a time for each place, one transaction for the works of a moment, the echoes that are awaited.
import type { Kysely } from 'kysely';
import { createExpectedEchoes, type ExpectedEchoes } from './expected-echoes.ts';
import { createPlaceLocks, type PlaceLocks } from './place-locks.ts';
import type { SyncTables } from './sync-tables.ts';
import type { Around } from './take-report.ts';
import { createTransact, type Transact } from './transact.ts';

export type SharedState = { readonly locks: PlaceLocks; readonly transact: Transact; readonly echoes: ExpectedEchoes };

export const createSharedState = (db: Kysely<SyncTables>, around: Around): SharedState => ({
  locks: createPlaceLocks(),
  transact: createTransact(db, around),
  echoes: createExpectedEchoes(),
});
