// Brings one server to what is agreed of one person's item: reads, compares, writes what differs, reads back.
import type { Kysely } from 'kysely';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { WatchChange, WatchField, WatchState } from '../../neighbours/watch-state.ts';
import type { Telling } from '../happenings.ts';
import { REHEARSED, writeJournal } from './journal-store.ts';
import { isOpen, withEnd, withPoint } from './past.ts';
import { planWrite } from './plan-write.ts';
import type { QueueRow } from './queue-store.ts';
import { hiddenBy, unmeantIn } from './rewatch.ts';
import { readRegisters, readShadow, writeShadow } from './state-store.ts';
import type { Place, SyncTables } from './sync-tables.ts';
import { type Around, takeReport } from './take-report.ts';
import { FIELDS, isSame, isSameState, onlyFields } from './watch-fields.ts';

export type DeliverDeps = {
  readonly db: Kysely<SyncTables>;
  readonly around: Around;
  /** This person plays it there now. */
  isPlaying(place: Place): boolean;
  /** Of an item with several files it tells what another file has. */
  hasVersions(place: Place): boolean;
  /** Says what would be written, and writes nothing. */
  isDryRun(): boolean;
  readonly tell: Pick<Telling, 'happened'>;
};

/** `later`: what is left must wait until the player has ended. `refused`: it was written and reads back otherwise. */
export type Delivered = { readonly outcome: 'done' | 'later' } | { readonly outcome: 'refused'; readonly problem: string };

/** While it plays, its own player says where it is. */
const OF_THE_PLAYER: readonly WatchField[] = ['positionMs', 'played', 'playCount', 'lastPlayedMs'];

/** One copy of the item. @throws ControllerError of the server; `not_found` where the item or user is gone */
export async function deliver(
  deps: DeliverDeps,
  server: SyncedServer,
  { row, place }: { row: QueueRow; place: Place },
  signal: AbortSignal,
): Promise<Delivered> {
  const { around } = deps;
  const readMs = around.nowMs();
  const found = await server.state(place.userId, place.itemId, signal);
  const { plan, left } = await takeReading(deps, { row, place, found, readMs });
  if (plan === null || deps.isDryRun()) {
    if (plan !== null) await note(deps, { row, place, before: found, after: plan, message: REHEARSED });
    return { outcome: left === null ? 'done' : 'later' };
  }
  await server.write(place.userId, place.itemId, plan, signal);
  const verifiedMs = around.nowMs();
  const after = await server.state(place.userId, place.itemId, signal);
  const wrong = await keepWritten(deps, { row, place, found, plan, after, readMs: verifiedMs });
  deps.tell.happened({ kind: 'delivered', server: place.server, success: wrong.length === 0, atMs: around.nowMs() });
  if (wrong.length > 0) {
    const problem = wrong.map((field) => `${field} reads ${String(after[field])} after ${String(plan[field])} was written`);
    return { outcome: 'refused', problem: problem.join(', ') };
  }
  return { outcome: left === null ? 'done' : 'later' };
}

type Reading = { readonly row: QueueRow; readonly place: Place; readonly found: WatchState; readonly readMs: number };

/** What was read may hold what somebody did there, unheard: that counts first. */
async function takeReading(
  { db, around, isPlaying, isDryRun }: DeliverDeps,
  { row, place, found, readMs }: Reading,
): Promise<{ readonly plan: WatchChange | null; readonly left: WatchChange | null }> {
  return await db.transaction().execute(async (tx) => {
    const { seen = {}, past = [] } = (await readShadow(tx, place)) ?? {};
    const unmeant = unmeantIn(found, seen);
    const { person, identity, item_name: itemName, item_path: itemPath } = row;
    if (!isSameState(found, seen) || past.some(isOpen))
      await takeReport(tx, othersAround(around, place), {
        ...{ place, person, identity, itemName, itemPath },
        ...{ has: found, unmeant, ms: readMs, hookMs: null, readMs },
      });
    const registers = await readRegisters(tx, person, identity);
    const playing = isPlaying(place);
    const held = (await around.guard?.heldAt(tx, place)) ?? [];
    const isWanted = (field: WatchField): boolean => around.isSynced(field) && !held.includes(field);
    const plan = planWrite(registers, found, (field) => isWanted(field) && !(playing && OF_THE_PLAYER.includes(field)));
    if (plan !== null && !isDryRun()) await noteWriting(tx, place, { plan, found, fromMs: around.nowMs() });
    return { plan, left: playing ? planWrite(registers, { ...found, ...plan }, isWanted) : null };
  });
}

/** What this place lacks is brought to it now: wanted anew it would count no failures, and knock without a pause at a server that refuses. */
const othersAround = (around: Around, { server, userId }: Place): Around => ({
  ...around,
  targets: (person) => around.targets(person).filter((target) => target.server !== server || target.userId !== userId),
});

type Writing = { readonly plan: WatchChange; readonly found: WatchState; readonly fromMs: number };

/** Before it is written: should we not live to hear the answer, what we wrote must not be taken for what somebody did. */
async function noteWriting(tx: Kysely<SyncTables>, place: Place, { plan, found, fromMs }: Writing): Promise<void> {
  const shadow = await readShadow(tx, place);
  if (shadow === null) return;
  // Also what it writes as it is: what a server does for one field may touch another.
  const was = onlyFields(
    found,
    FIELDS.filter((field) => field in plan),
  );
  const point = { by: 'write' as const, fromMs, toMs: null, was, is: plan };
  await writeShadow(tx, place, { ...shadow, past: withPoint(shadow.past, point, fromMs) });
}

type Written = Reading & { readonly plan: WatchChange; readonly after: WatchState };

/**
 * What reads back otherwise was changed there within these milliseconds, and that counts; but an item with several files answers for another of them, which says nothing.
 * Answers with the fields that the server does not take.
 */
async function keepWritten(
  deps: DeliverDeps,
  { row, place, found, plan, after, readMs }: Written,
): Promise<readonly WatchField[]> {
  const { db, around } = deps;
  const otherwise = FIELDS.filter((field) => field in plan && !isSame(field, plan[field], after[field]));
  return await db.transaction().execute(async (tx) => {
    const shadow = await readShadow(tx, place);
    const written = { ...found, ...plan };
    const past = withEnd(shadow?.past ?? [], readMs);
    await writeShadow(tx, place, { seen: written, hookMs: shadow?.hookMs ?? null, readMs, past });
    const { person, identity, item_name: itemName, item_path: itemPath } = row;
    if (isSameState(after, written)) {
      await writeJournal(tx, entryOf(around, { row, place, before: found, after: plan, message: 'synced' }), around.newId());
      return [];
    }
    await takeReport(tx, around, {
      ...{ place, person, identity, itemName, itemPath },
      ...{
        has: after,
        unmeant: deps.hasVersions(place) ? otherwise : [...unmeantIn(after, written), ...hiddenBy(plan, written, after)],
      },
      ...{ ms: readMs, hookMs: null, readMs },
    });
    const registers = await readRegisters(tx, person, identity);
    const wrong = otherwise.filter((field) => !isSame(field, registers[field]?.value, after[field]));
    const message = wrong.length === 0 ? 'synced' : `reads back otherwise: ${wrong.join(', ')}`;
    const entry = entryOf(around, { row, place, before: found, after: plan, message, success: wrong.length === 0 });
    await writeJournal(tx, entry, around.newId());
    return wrong;
  });
}

type Noted = {
  readonly row: QueueRow;
  readonly place: Place;
  readonly before: WatchState;
  readonly after: WatchChange;
  readonly message: string;
  readonly success?: boolean;
};

async function note({ db, around }: DeliverDeps, noted: Noted): Promise<void> {
  await db.transaction().execute((tx) => writeJournal(tx, entryOf(around, noted), around.newId()));
}

const entryOf = ({ nowMs }: Around, { row, place, before, after, message, success = true }: Noted) => ({
  atMs: nowMs(),
  origin: row.origin,
  target: place.server,
  person: row.person,
  identity: row.identity,
  itemId: place.itemId,
  itemName: row.item_name,
  eventType: row.event_type,
  before: Object.fromEntries(Object.keys(after).map((field) => [field, before[field as WatchField]])) as WatchChange,
  after,
  success,
  message,
});
