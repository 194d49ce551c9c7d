// What was set aside, or waits: tried again at a person's wish, or dropped by one.
import { setImmediate as turn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { ControllerError } from '../../errors.ts';
import { listQueue, queueRow } from '../shown/queue-reading.ts';
import { changeRow, dropRow, type QueueRow } from '../state/queue-store.ts';
import type { SyncTables } from '../state/sync-tables.ts';

export type LettersDeps = {
  readonly db: Kysely<SyncTables>;
  readonly servers: readonly string[];
  nowMs(): number;
  wake(servers: readonly string[]): void;
};

/** Some ms each. */
const AT_ONCE = 200;

const again = (nowMs: number, row: QueueRow) => ({
  status: 'pending' as const,
  due_ms: nowMs,
  attempts: 0,
  absent_tries: 0,
  // Whoever is at it now must not take it for done.
  version: row.version + 1,
});

/** @throws ControllerError not_found */
export async function retryOne({ db, servers, nowMs, wake }: LettersDeps, id: number): Promise<QueueRow> {
  const row = await db.transaction().execute(async (tx) => {
    const found = await queueRow(tx, servers, id);
    if (found === null) throw new ControllerError('not_found', `Event ${id} is not in the queue: it was delivered, or dropped`);
    await changeRow(tx, found, again(nowMs(), found));
    return found;
  });
  wake([row.server]);
  return row;
}

/** All dead letters, of one server or of all, each once. Answers with how many. */
export async function retryFailed({ db, servers, nowMs, wake }: LettersDeps, server: string | null): Promise<number> {
  const concerned = server === null ? servers : servers.filter((one) => one === server);
  for (let [retried, afterId] = [0, 0]; ; await turn()) {
    const rows = await db.transaction().execute(async (tx) => {
      const found = await listQueue(tx, { servers: concerned, status: 'failed', limit: AT_ONCE, afterId });
      for (const row of found) await changeRow(tx, row, again(nowMs(), row));
      return found;
    });
    retried += rows.length;
    afterId = rows.at(-1)?.id ?? afterId;
    wake([...new Set(rows.map((row) => row.server))]);
    if (rows.length < AT_ONCE) return retried;
  }
}

/** What is agreed stays agreed: only bringing it there is given up, until it is set anew. @throws ControllerError not_found · conflict for what is no dead letter */
export async function dropLetter({ db, servers }: LettersDeps, id: number): Promise<QueueRow> {
  return await db.transaction().execute(async (tx) => {
    const row = await queueRow(tx, servers, id);
    if (row === null) throw new ControllerError('not_found', `Event ${id} is not in the queue: it was delivered, or dropped`);
    if (row.status !== 'failed')
      throw new ControllerError('conflict', `Event ${id} is ${row.status}: only what was set aside can be dropped`);
    await dropRow(tx, row);
    return row;
  });
}
