// Small works of one kind that come while others are carried out share the next transaction: what a transaction costs, and a sync of the disk, is paid once.
import { setImmediate as turn } from 'node:timers/promises';
import type { Kysely } from 'kysely';

/** As `db.transaction().execute(work)`. A work may be begun twice: where another one of the same transaction fails, each is carried out by itself. */
export type InTransaction<Tables> = <Result>(work: (tx: Kysely<Tables>) => Promise<Result>) => Promise<Result>;

type Waiting<Tables> = {
  carryOut(tx: Kysely<Tables>): Promise<void>;
  /** It is on the disk. */
  done(): void;
  alone(): Promise<void>;
};

/** A long transaction would keep others from theirs. */
const MOST_AT_ONCE = 16;

export function createSharedTransactions<Tables>(db: Kysely<Tables>): InTransaction<Tables> {
  const waiting: Waiting<Tables>[] = [];
  let running = false;
  const carryOut = async (): Promise<void> => {
    if (running) return;
    running = true;
    while (waiting.length > 0) {
      // Whoever asks in this same turn comes along.
      await turn();
      const group = waiting.splice(0, MOST_AT_ONCE);
      try {
        await db.transaction().execute(async (tx) => {
          for (const one of group) await one.carryOut(tx);
        });
        for (const { done } of group) done();
      } catch {
        for (const { alone } of group) await alone();
      }
    }
    running = false;
  };
  return (work) =>
    new Promise((resolve, reject) => {
      let result: { readonly value: Awaited<ReturnType<typeof work>> } | null = null;
      waiting.push({
        async carryOut(tx) {
          result = { value: await work(tx) };
        },
        done() {
          if (result !== null) resolve(result.value);
        },
        alone: () => db.transaction().execute(work).then(resolve, reject),
      });
      void carryOut();
    });
}
