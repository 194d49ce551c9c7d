// The first comparing of one user of one server: what is there joins what is agreed, and nothing is lost anywhere.
import type { Kysely } from 'kysely';
import type { ItemState, SyncedServer } from '../../neighbours/synced-server.ts';
import { untouched } from '../../neighbours/watch-state.ts';
import { align } from '../state/align.ts';
import type { Registers } from '../state/observe.ts';
import { planWrite } from '../state/plan-write.ts';
import { enqueue, NEVER_MS } from '../state/queue-store.ts';
import { alignedMs, readRegisters, readShadow, writeRegisters, writeShadow } from '../state/state-store.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import { FIELDS, isSame } from '../state/watch-fields.ts';
import type { ApplyDeps } from './apply-deps.ts';
import { bringAgreed } from './bring-agreed.ts';
import type { ComparedUser } from './compare-user.ts';

export type Aligned = {
  /** Items that this user touched there. */
  readonly touched: number;
  /** Of them, those whose agreed value is another now. */
  readonly joined: number;
};

/**
 * Done once for each user of each server; after a crash it is begun anew, which changes nothing that was taken already.
 * @throws ControllerError of the server
 */
export async function alignUser(
  deps: ApplyDeps,
  server: SyncedServer,
  { userId, person }: ComparedUser,
  signal: AbortSignal,
): Promise<Aligned> {
  const beganMs = deps.around.nowMs();
  let [touched, joined] = [0, 0];
  for await (const page of server.states(userId, 'all', signal))
    for (const one of page) {
      if (FIELDS.every((field) => isSame(field, one.state[field], untouched[field]))) continue;
      touched += 1;
      if (await join(deps, server.name, { userId, person, ...one }, signal)) joined += 1;
    }
  await markAligned(deps.db, server.name, userId, beganMs);
  await bringAgreed(deps, { server: server.name, userId, person });
  deps.around.wake([server.name]);
  return { touched, joined };
}

async function join(
  { db, around, index, locks }: ApplyDeps,
  server: string,
  { userId, person, itemId, state }: ComparedUser & ItemState,
  signal: AbortSignal,
): Promise<boolean> {
  const item = await index.learn(server, itemId, signal);
  if (item === null) return false;
  const { identity, name, path } = item;
  const place = { server, userId, itemId };
  return await locks.hold(place, () =>
    db.transaction().execute(async (tx) => {
      // A hook that came meanwhile knows better.
      if ((await readShadow(tx, place)) !== null) return false;
      const nowMs = around.nowMs();
      const before = await readRegisters(tx, person, identity);
      const after = around.isSource(server) ? onlySynced(around, before, align(before, [{ server, state }])) : before;
      await writeShadow(tx, place, { seen: state, hookMs: null, readMs: nowMs });
      const isNew = FIELDS.some((field) => !isSame(field, before[field]?.value, after[field]?.value));
      if (isNew) await writeRegisters(tx, { person, identity }, after, nowMs);
      for (const target of around.targets(person)) {
        // What a server lacks is brought to it when it appears there.
        if (around.itemsOf(identity, target.server).length === 0) continue;
        if (target.server === server ? planWrite(after, state, around.isSynced) === null : !isNew) continue;
        const dueMs = (await alignedMs(tx, target.server, target.userId)) === null ? NEVER_MS : nowMs;
        const wanted = { server: target.server, person, identity, eventType: 'watched' as const, origin: server };
        await enqueue(tx, { ...wanted, itemName: name, itemPath: path, dueMs }, { nowMs, newId: around.newId });
      }
      return isNew;
    }),
  );
}

const onlySynced = ({ isSynced }: ApplyDeps['around'], before: Registers, after: Registers): Registers =>
  Object.fromEntries(
    FIELDS.flatMap((field) => {
      const register = isSynced(field) ? after[field] : before[field];
      return register === undefined ? [] : [[field, register]];
    }),
  );

async function markAligned(db: Kysely<SyncTables>, server: string, userId: string, alignedMs: number): Promise<void> {
  await db
    .insertInto('sync_alignments')
    .values({ server, user_id: userId, aligned_ms: alignedMs })
    .onConflict((conflict) => conflict.columns(['server', 'user_id']).doUpdateSet({ aligned_ms: alignedMs }))
    .execute();
}
