// Items came to a server, or are known by another name: what is agreed of them follows.
import type { Kysely } from 'kysely';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ItemIndex } from './index/item-index.ts';
import type { IndexChange } from './index/view-changes.ts';
import type { People } from './people/people.ts';
import { bringOne } from './reconcile/bring-agreed.ts';
import { renameIdentities } from './state/rename-identities.ts';
import type { SyncTables } from './state/sync-tables.ts';
import type { Around } from './state/take-report.ts';

export type FollowDeps = {
  readonly db: Kysely<SyncTables>;
  readonly around: Around;
  readonly people: Pick<People, 'usersOf'>;
  readonly index: Pick<ItemIndex, 'onChange'>;
  readonly log: Log;
};

export type IndexFollower = {
  /** All that was told until now is done. */
  settled(): Promise<void>;
  /** Ends it. */
  stop(): void;
};

/** One transaction each. */
const AT_ONCE = 100;

export function followIndex(deps: FollowDeps): IndexFollower {
  let work: Promise<void> = Promise.resolve();
  const stop = deps.index.onChange((change) => {
    work = work
      .then(() => follow(deps, change))
      .catch((error: unknown) =>
        deps.log.error({ error: messageOf(error) }, 'sync: a change of the library could not be followed'),
      );
  });
  return { settled: () => work, stop };
}

async function follow({ db, around, people }: FollowDeps, { server, appeared, renamed }: IndexChange): Promise<void> {
  await renameIdentities(db, renamed, around.nowMs());
  for (let from = 0; from < appeared.length; from += AT_ONCE) {
    const identities = appeared.slice(from, from + AT_ONCE);
    await db.transaction().execute(async (tx) => {
      const rows = await tx.selectFrom('sync_registers').selectAll().where('identity', 'in', identities).execute();
      for (const row of rows)
        for (const { userId } of people.usersOf(row.person).filter((user) => user.server === server))
          await bringOne(tx, around, { server, userId, person: row.person }, row);
    });
  }
  if (appeared.length > 0) around.wake([server]);
}
