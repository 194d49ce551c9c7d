// Brings one server to what is agreed of one person's item: reads, compares, writes what differs, reads back.
import type { Kysely } from 'kysely';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { WatchChange, WatchField, WatchState } from '../../neighbours/watch-state.ts';
import type { Telling } from '../happenings.ts';
import type { ExpectedEchoes } from './expected-echoes.ts';
import { mayBeLent, ownState } from './files-behind.ts';
import { REHEARSED, writeJournal } from './journal-store.ts';
import type { Seen } from './observe.ts';
import { isOpen, withEnd, withPoint } from './past.ts';
import { planWrite } from './plan-write.ts';
import { type QueueRow, removeRow } from './queue-store.ts';
import { hiddenBy, unmeantIn } from './rewatch.ts';
import { readRegisters, readShadow, writeShadow } from './state-store.ts';
import type { Place, Shadow, SyncTables } from './sync-tables.ts';
import { type Around, takeReport } from './take-report.ts';
import type { Transact } from './transact.ts';
import { FIELDS, isSame, isSameState, onlyFields } from './watch-fields.ts';

export type DeliverDeps = {
  readonly db: Kysely<SyncTables>;
  readonly around: Around;
  readonly transact: Transact;
  /** This person plays it there now. */
  isPlaying(place: Place): boolean;
  /** Says what would be written, and writes nothing. */
  isDryRun(): boolean;
  readonly echoes: ExpectedEchoes;
  readonly tell: Pick<Telling, 'happened'>;
};

/** `later`: what is left must wait until the player has ended. `refused`: it was written and reads back otherwise. `settled`: done, and its row is gone. */
export type Delivered = (
  | { readonly outcome: 'done' | 'settled' | 'later' }
  | { readonly outcome: 'refused'; readonly problem: string }
) & {
  /** Files of the same item that are shown instead of this one: they need the same. */
  readonly behind: readonly string[];
};

/** `isOnly`: the one copy of the item there, so that the row is done with it. */
export type Delivery = { readonly row: QueueRow; readonly place: Place; readonly isOnly: boolean };

/** While it plays, its own player says where it is. */
const OF_THE_PLAYER: readonly WatchField[] = ['positionMs', 'played', 'playCount', 'lastPlayedMs'];

/** One copy of the item. @throws ControllerError of the server; `not_found` where the item or user is gone */
export async function deliver(
  deps: DeliverDeps,
  server: SyncedServer,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<Delivered> {
  const { around, echoes } = deps;
  const { row, place } = delivery;
  const { found, isOnly, plan, left, shadow, behind } = await look(deps, server, delivery, signal);
  const outcome = left !== null ? 'later' : isOnly ? 'settled' : 'done';
  if (plan === null) return { outcome, behind };
  if (deps.isDryRun()) {
    await note(deps, { row, place, before: found, after: plan, message: REHEARSED });
    return { outcome: left === null ? 'done' : 'later', behind };
  }
  const written: WatchState = { ...found, ...plan };
  echoes.expect(place, written);
  try {
    await server.write(place.userId, place.itemId, plan, signal);
  } catch (error) {
    echoes.forget(place);
    throw error;
  }
  const verifiedMs = around.nowMs();
  const shown = await server.state(place.userId, place.itemId, signal);
  const read = await ownState(deps, server, { place, found: shown, own: written }, signal);
  const after = read.state;
  const isDone = outcome === 'settled' && read.behind.length === 0;
  const wrong = await keepWritten(deps, { row, place, found, plan, shadow, written, after, readMs: verifiedMs, isDone });
  deps.tell.happened({ kind: 'delivered', server: place.server, success: wrong.length === 0, atMs: around.nowMs() });
  if (wrong.length === 0) return { outcome: outcome === 'settled' && !isDone ? 'done' : outcome, behind: read.behind };
  const problem = wrong.map((field) => `${field} reads ${String(after[field])} after ${String(plan[field])} was written`);
  return { outcome: 'refused', problem: problem.join(', '), behind: read.behind };
}

type Looked = Reading & Planned & { readonly behind: readonly string[] };

async function look(deps: DeliverDeps, server: SyncedServer, delivery: Delivery, signal: AbortSignal): Promise<Looked> {
  const { place } = delivery;
  const readMs = deps.around.nowMs();
  const reading = { ...delivery, found: await server.state(place.userId, place.itemId, signal), readMs };
  const planned = await takeReading(deps, reading);
  if ('plan' in planned) return { ...reading, ...planned, behind: [] };
  const { state: found, behind } = await ownState(deps, server, { place, found: reading.found, own: planned.own }, signal);
  const sure = { ...reading, found, isOnly: delivery.isOnly && behind.length === 0 };
  return { ...sure, ...((await takeReading(deps, sure, true)) as Planned), behind };
}

type Reading = Delivery & { readonly found: WatchState; readonly readMs: number };
/** `shadow`: as it is now; nobody else writes it while this place is ours. */
type Planned = { readonly plan: WatchChange | null; readonly left: WatchChange | null; readonly shadow: Shadow | null };

/**
 * What was read may hold what somebody did there, unheard: that counts first. Where nothing is to be written, the row goes.
 * With `own` nothing was taken: it may be what another of its files has.
 */
async function takeReading(
  { transact, isPlaying, isDryRun }: DeliverDeps,
  { row, place, isOnly, found, readMs }: Reading,
  isOwn = false,
): Promise<Planned | { readonly own: Seen }> {
  return await transact(async (tx, around) => {
    let shadow = await readShadow(tx, place);
    const { seen = {}, past = [] } = shadow ?? {};
    if (!isOwn && mayBeLent(found, seen)) return { own: seen };
    const { person, identity, item_name: itemName, item_path: itemPath } = row;
    if (!isSameState(found, seen) || past.some(isOpen)) {
      await takeReport(tx, othersAround(around, place), {
        ...{ place, person, identity, itemName, itemPath },
        ...{ has: found, unmeant: unmeantIn(found, seen), ms: readMs, hookMs: null, readMs },
      });
      shadow = await readShadow(tx, place);
    }
    const registers = await readRegisters(tx, person, identity);
    const playing = isPlaying(place);
    const held = (await around.guard?.heldAt(tx, place)) ?? [];
    const isWanted = (field: WatchField): boolean => around.isSynced(field) && !held.includes(field);
    const plan = planWrite(registers, found, (field) => isWanted(field) && !(playing && OF_THE_PLAYER.includes(field)));
    const left = playing ? planWrite(registers, { ...found, ...plan }, isWanted) : null;
    if (plan === null && left === null && isOnly) await removeRow(tx, row);
    if (plan === null || isDryRun() || shadow === null) return { plan, left, shadow };
    return { plan, left, shadow: await noteWriting(tx, place, { shadow, plan, found, fromMs: around.nowMs() }) };
  });
}

/** What this place lacks is brought to it now: wanted anew it would count no failures, and knock without a pause at a server that refuses. */
const othersAround = (around: Around, { server, userId }: Place): Around => ({
  ...around,
  targets: (person) => around.targets(person).filter((target) => target.server !== server || target.userId !== userId),
});

type Writing = { readonly shadow: Shadow; readonly plan: WatchChange; readonly found: WatchState; readonly fromMs: number };

/** Before it is written: should we not live to hear the answer, what we wrote must not be taken for what somebody did. */
async function noteWriting(tx: Kysely<SyncTables>, place: Place, { shadow, plan, found, fromMs }: Writing): Promise<Shadow> {
  // Also what it writes as it is: what a server does for one field may touch another.
  const was = onlyFields(
    found,
    FIELDS.filter((field) => field in plan),
  );
  const point = { by: 'write' as const, fromMs, toMs: null, was, is: plan };
  const noted = { ...shadow, past: withPoint(shadow.past, point, fromMs) };
  await writeShadow(tx, place, noted);
  return noted;
}

type Written = Omit<Reading, 'isOnly'> & {
  readonly plan: WatchChange;
  readonly shadow: Shadow | null;
  /** What it should have now, and what it has. */
  readonly written: WatchState;
  readonly after: WatchState;
  /** Nothing else is to be done for the row. */
  readonly isDone: boolean;
};

/**
 * What reads back otherwise was changed there within these milliseconds, and that counts.
 * Answers with the fields that the server does not take.
 */
async function keepWritten(
  deps: DeliverDeps,
  { row, place, found, plan, shadow, written, after, readMs, isDone }: Written,
): Promise<readonly WatchField[]> {
  const { transact } = deps;
  const settle = async (tx: Kysely<SyncTables>): Promise<void> => {
    if (isDone) await removeRow(tx, row);
  };
  const otherwise = FIELDS.filter((field) => field in plan && !isSame(field, plan[field], after[field]));
  return await transact(async (tx, around) => {
    const past = withEnd(shadow?.past ?? [], readMs);
    await writeShadow(tx, place, { seen: written, hookMs: shadow?.hookMs ?? null, readMs, past });
    const { person, identity, item_name: itemName, item_path: itemPath } = row;
    if (isSameState(after, written)) {
      await writeJournal(tx, entryOf(around, { row, place, before: found, after: plan, message: 'synced' }), around.newId());
      await settle(tx);
      return [];
    }
    await takeReport(tx, around, {
      ...{ place, person, identity, itemName, itemPath },
      ...{
        has: after,
        unmeant: [...unmeantIn(after, written), ...hiddenBy(plan, written, after)],
      },
      ...{ ms: readMs, hookMs: null, readMs },
    });
    const registers = await readRegisters(tx, person, identity);
    const wrong = otherwise.filter((field) => !isSame(field, registers[field]?.value, after[field]));
    const message = wrong.length === 0 ? 'synced' : `reads back otherwise: ${wrong.join(', ')}`;
    const entry = entryOf(around, { row, place, before: found, after: plan, message, success: wrong.length === 0 });
    await writeJournal(tx, entry, around.newId());
    if (wrong.length === 0) await settle(tx);
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

async function note({ transact }: DeliverDeps, noted: Noted): Promise<void> {
  await transact((tx, around) => writeJournal(tx, entryOf(around, noted), around.newId()));
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
