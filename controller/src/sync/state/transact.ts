// How what servers tell is taken and what is brought to them is kept: in transactions that share a commit, and whom it concerns is woken after it.
import type { Kysely } from 'kysely';
import { createSharedTransactions } from './shared-transactions.ts';
import type { SyncTables } from './sync-tables.ts';
import type { Around } from './take-report.ts';

/** @throws what the work throws; ControllerError storage_failed */
export type Transact = <Result>(work: (tx: Kysely<SyncTables>, around: Around) => Promise<Result>) => Promise<Result>;

export function createTransact(db: Kysely<SyncTables>, around: Around): Transact {
  const inTransaction = createSharedTransactions(db);
  return async (work) => {
    const concerned = new Set<string>();
    const wake: Around['wake'] = (servers) => {
      for (const server of servers) concerned.add(server);
    };
    const result = await inTransaction((tx) => work(tx, { ...around, wake }));
    // Who looks before the commit sees nothing to do.
    if (concerned.size > 0) around.wake([...concerned]);
    return result;
  };
}
