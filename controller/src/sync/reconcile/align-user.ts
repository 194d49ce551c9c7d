// The first comparing of one user of one server: what is there joins what is agreed, and nothing is lost anywhere.
import type { Kysely } from 'kysely';
import type { ItemState, SyncedServer } from '../../neighbours/synced-server.ts';
import { untouched, type WatchField } from '../../neighbours/watch-state.ts';
import { align } from '../state/align.ts';
import type { Registers } from '../state/observe.ts';
import { planWrite } from '../state/plan-write.ts';
import { enqueue, NEVER_MS } from '../state/queue-store.ts';
import { alignedMs, readRegisters, readShadow, writeRegisters, writeShadow } from '../state/state-store.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import { FIELDS, isSame, isSameState, onlyFields } from '../state/watch-fields.ts';
import type { ApplyDeps } from './apply-deps.ts';
import { bringAgreed } from './bring-agreed.ts';
import type { ComparedUser } from './compare-user.ts';
import { type AnewTables, fieldsAnew, wasMetAnew } from './meet-anew.ts';
import {
  countMeeting,
  forgetMeeting,
  keepMeeting,
  type MeetingCounts,
  type MeetingReport,
  type MeetingTables,
  wasReported,
} from './meeting-report.ts';

/** To be begun, or begun anew: a crash came before all that is agreed was queued. */
export const isToAlign = async (db: Kysely<SyncTables>, server: string, userId: string): Promise<boolean> =>
  (await alignedMs(db, server, userId)) === null || !(await wasReported(db.withTables<MeetingTables>(), server, userId));

/**
 * Done once for each user of each server, and once more in what was not kept the same before; after a crash it is begun anew, which changes nothing that was taken already.
 * @throws ControllerError of the server
 */
export async function alignUser(
  deps: ApplyDeps,
  server: SyncedServer,
  { userId, person }: ComparedUser,
  signal: AbortSignal,
): Promise<MeetingReport> {
  const beganMs = deps.around.nowMs();
  const anew = await fieldsAnew(deps.db.withTables<AnewTables>(), server.name, userId);
  const counts = countMeeting();
  let [touched, joined] = [0, 0];
  for await (const page of server.states(userId, 'all', signal))
    for (const one of page) {
      if (isSameState(one.state, untouched)) continue;
      touched += 1;
      if (await join({ ...deps, counts, anew }, server.name, { userId, person, ...one }, signal)) joined += 1;
    }
  await markAligned(deps.db, server.name, userId, beganMs);
  const met = { server: server.name, userId, person };
  await bringAgreed(deps, met, (plan) => counts.note(server.name, plan));
  const report = { touched, joined, writes: counts.writes() };
  await keepMeeting(deps.db.withTables<MeetingTables>(), met, { atMs: beganMs, report });
  // Whoever was met before has something to do now as well.
  deps.around.wake([server.name, ...deps.around.targets(person).map((target) => target.server)]);
  return report;
}

/** `anew`: of what was seen before, the fields that say something only now. */
type Joining = ApplyDeps & { readonly counts: MeetingCounts; readonly anew: readonly WatchField[] | null };

async function join(
  { db, around, index, locks, counts, anew }: Joining,
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
      const shadow = await readShadow(tx, place);
      const fields = shadow === null ? FIELDS : anew;
      // A hook that came meanwhile knows better.
      if (fields === null) return false;
      const nowMs = around.nowMs();
      const before = await readRegisters(tx, person, identity);
      const after = around.isSource(server) ? onlyMet(around, fields, before, align(before, [{ server, state }])) : before;
      const standing = shadow ?? { seen: {}, hookMs: null, readMs: nowMs, past: [] };
      await writeShadow(tx, place, { ...standing, seen: { ...standing.seen, ...onlyFields(state, fields) } });
      const isNew = FIELDS.some((field) => !isSame(field, before[field]?.value, after[field]?.value));
      if (isNew) await writeRegisters(tx, { person, identity }, after, nowMs);
      for (const target of around.targets(person)) {
        // What a server lacks is brought to it when it appears there.
        if (around.itemsOf(identity, target.server).length === 0) continue;
        if (target.server === server ? planWrite(after, state, around.isSynced) === null : !isNew) continue;
        const hasMet = (await alignedMs(tx, target.server, target.userId)) !== null;
        // What the others have is known only then; what this one lacks is counted at the end.
        if (hasMet) await countFor(tx, around, { ...target, identity, after, counts });
        const dueMs = hasMet ? nowMs : NEVER_MS;
        const wanted = { server: target.server, person, identity, eventType: 'watched' as const, origin: server };
        await enqueue(tx, { ...wanted, itemName: name, itemPath: path, dueMs }, { nowMs, newId: around.newId });
      }
      return isNew;
    }),
  );
}

type Counting = {
  readonly server: string;
  readonly userId: string;
  readonly identity: string;
  readonly after: Registers;
  readonly counts: MeetingCounts;
};

async function countFor(
  tx: Kysely<SyncTables>,
  around: ApplyDeps['around'],
  { server, userId, identity, after, counts }: Counting,
): Promise<void> {
  const [itemId] = around.itemsOf(identity, server);
  if (itemId === undefined) return;
  const seen = (await readShadow(tx, { server, userId, itemId }))?.seen ?? {};
  const plan = planWrite(after, seen, around.isSynced);
  if (plan !== null) counts.note(server, plan);
}

const onlyMet = (
  { isSynced }: ApplyDeps['around'],
  fields: readonly WatchField[],
  before: Registers,
  after: Registers,
): Registers =>
  Object.fromEntries(
    FIELDS.flatMap((field) => {
      const register = isSynced(field) && fields.includes(field) ? after[field] : before[field];
      return register === undefined ? [] : [[field, register]];
    }),
  );

async function markAligned(db: Kysely<SyncTables>, server: string, userId: string, alignedMs: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('sync_alignments')
      .values({ server, user_id: userId, aligned_ms: alignedMs })
      .onConflict((conflict) => conflict.columns(['server', 'user_id']).doUpdateSet({ aligned_ms: alignedMs }))
      .execute();
    await forgetMeeting(tx.withTables<MeetingTables>(), server, userId);
    await wasMetAnew(tx.withTables<AnewTables>(), server, userId);
  });
}
