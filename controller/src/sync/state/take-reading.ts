// What was read of a place before it is written to: news counts first, then it is planned what is to be written, and noted before it is.
import type { Kysely } from 'kysely';
import type { WatchChange, WatchField, WatchState } from '../../neighbours/watch-state.ts';
import { mayBeLent } from './files-behind.ts';
import type { Seen } from './observe.ts';
import { isOpen, seenNow, withPoint } from './past.ts';
import { planWrite } from './plan-write.ts';
import { type QueueRow, removeRow } from './queue-store.ts';
import { unmeantIn } from './rewatch.ts';
import { readRegisters, readShadow, writeShadow } from './state-store.ts';
import type { Place, Shadow, SyncTables } from './sync-tables.ts';
import { type Around, takeReport } from './take-report.ts';
import type { Transact } from './transact.ts';
import { FIELDS, isEqualState, onlyFields } from './watch-fields.ts';

/** `isOnly`: the one copy of the item there, so that the row is done with it. */
export type Delivery = { readonly row: QueueRow; readonly place: Place; readonly isOnly: boolean };

export type ReadingDeps = {
  readonly transact: Transact;
  /** This person plays it there now. */
  isPlaying(place: Place): boolean;
  /** Says what would be written, and writes nothing. */
  isDryRun(): boolean;
};

/** While it plays, its own player says where it is. */
const OF_THE_PLAYER: readonly WatchField[] = ['positionMs', 'played', 'playCount', 'lastPlayedMs'];

export type Reading = Delivery & { readonly found: WatchState; readonly readMs: number };
/** `shadow`: as it is now; nobody else writes it while this place is ours. */
export type Planned = { readonly plan: WatchChange | null; readonly left: WatchChange | null; readonly shadow: Shadow | null };

/**
 * What was read may hold what somebody did there, unheard: that counts first. Where nothing is to be written, the row goes.
 * With `own` nothing was taken: it may be what another of its files has.
 */
export async function takeReading(
  { transact, isPlaying, isDryRun }: ReadingDeps,
  { row, place, isOnly, found, readMs }: Reading,
  isOwn = false,
): Promise<Planned | { readonly own: Seen }> {
  return await transact(async (tx, around) => {
    let shadow = await readShadow(tx, place);
    const { seen = {}, past = [] } = shadow ?? {};
    if (!isOwn && mayBeLent(found, seen)) return { own: seen };
    const { person, identity, item_name: itemName, item_path: itemPath } = row;
    let registers = await readRegisters(tx, person, identity);
    if (!isEqualState(seenNow(seen, found, registers), seen) || past.some(isOpen)) {
      await takeReport(tx, othersAround(around, place), {
        ...{ place, person, identity, itemName, itemPath },
        ...{ has: found, unmeant: unmeantIn(found, seen), ms: readMs, hookMs: null, readMs },
      });
      shadow = await readShadow(tx, place);
      registers = await readRegisters(tx, person, identity);
    }
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
