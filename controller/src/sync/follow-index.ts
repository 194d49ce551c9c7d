// Items came to a server, or are known by another name: what is agreed of them follows.
import { setImmediate as turn } from 'node:timers/promises';
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
  readonly index: Pick<ItemIndex, 'onChange' | 'calledBefore' | 'itemsOf'>;
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
const READ_AT_ONCE = 1_000;

/** What was renamed while nobody listened comes first. */
export function followIndex(deps: FollowDeps): IndexFollower {
  const { log } = deps;
  let work: Promise<void> = catchUp(deps).catch((error: unknown) =>
    log.error({ error: messageOf(error) }, 'sync: what was called otherwise before could not be renamed'),
  );
  const stop = deps.index.onChange((change) => {
    work = work
      .then(() => follow(deps, change))
      .catch((error: unknown) => log.error({ error: messageOf(error) }, 'sync: a change of the library could not be followed'));
  });
  return { settled: () => work, stop };
}

/** Where the last run ended before a renaming was kept, or the path maps are others now. */
async function catchUp(deps: FollowDeps): Promise<void> {
  const { db, around, index, log } = deps;
  const renamed = await index.calledBefore(await agreedIdentities(db));
  if (renamed.length === 0) return;
  log.info({ renamed: renamed.length }, 'sync: items are called otherwise than in the last run; what is agreed of them follows');
  await renameIdentities(db, renamed, around.nowMs());
  const names = new Set(renamed.map(({ to }) => to));
  const servers = new Map<string, string[]>();
  for (const name of names)
    for (const server of new Set(index.itemsOf(name).map((item) => item.server)))
      servers.set(server, [...(servers.get(server) ?? []), name]);
  for (const [server, appeared] of servers) await bring(deps, server, appeared);
}

async function agreedIdentities(db: Kysely<SyncTables>): Promise<ReadonlySet<string>> {
  const all = new Set<string>();
  for (let after = ''; ; await turn()) {
    const rows = await db
      .selectFrom('sync_registers')
      .select('identity')
      .distinct()
      .where('identity', '>', after)
      .orderBy('identity')
      .limit(READ_AT_ONCE)
      .execute();
    for (const { identity } of rows) all.add(identity);
    const last = rows.at(-1);
    if (last === undefined || rows.length < READ_AT_ONCE) return all;
    after = last.identity;
  }
}

async function follow(deps: FollowDeps, { server, appeared, renamed }: IndexChange): Promise<void> {
  await renameIdentities(deps.db, renamed, deps.around.nowMs());
  await bring(deps, server, appeared);
}

async function bring({ db, around, people }: FollowDeps, server: string, appeared: readonly string[]): Promise<void> {
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
