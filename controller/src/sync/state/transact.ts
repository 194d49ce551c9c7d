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
    const gathered = gatherWakes(around);
    const result = await inTransaction((tx) => work(tx, gathered.around));
    gathered.wake();
    return result;
  };
}

/** Around a transaction: who looks before its commit sees nothing to do, so that `wake` comes after it. */
export function gatherWakes(around: Around): { readonly around: Around; wake(): void } {
  const concerned = new Set<string>();
  const wake: Around['wake'] = (servers) => {
    for (const server of servers) concerned.add(server);
  };
  return {
    around: { ...around, wake },
    wake() {
      if (concerned.size > 0) around.wake([...concerned]);
    },
  };
}
