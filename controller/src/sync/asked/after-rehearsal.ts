// After a dry run nothing is left in the queue that says what was not written: what servers show otherwise is queued again.
import type { Kysely } from 'kysely';
import type { People } from '../people/people.ts';
import { bringAgreed } from '../reconcile/bring-agreed.ts';
import { alignedMs } from '../state/state-store.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import type { Around } from '../state/take-report.ts';

export type AfterRehearsalDeps = {
  readonly db: Kysely<SyncTables>;
  readonly people: Pick<People, 'all'>;
  readonly around: Around;
};

/** Of every user that was compared whole before. @throws ControllerError storage_failed */
export async function bringRehearsed({ db, people, around }: AfterRehearsalDeps, signal: AbortSignal): Promise<void> {
  for (const { person, users } of people.all())
    for (const { server, userId } of users) {
      if (signal.aborted) return;
      if ((await alignedMs(db, server, userId)) === null) continue;
      await bringAgreed({ db, around }, { server, userId, person });
      around.wake([server]);
    }
}
