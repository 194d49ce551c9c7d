// What a server told, by a hook or by reading it, taken into what is agreed; and whom that concerns.
import type { Kysely } from 'kysely';
import { untouched, type WatchChange, type WatchField } from '../../neighbours/watch-state.ts';
import type { LossGuard } from './loss-guard.ts';
import { type Change, type Observed, observe, type Registers, type Seen } from './observe.ts';
import { changed, isOpen, isUnheard, seenNow, withFound, withPoint } from './past.ts';
import { planWrite } from './plan-write.ts';
import { enqueue } from './queue-store.ts';
import type { History, Saying } from './replay.ts';
import { beforeSaying } from './rewatch.ts';
import { readRegisters, readShadow, writeRegisters, writeShadow } from './state-store.ts';
import type { EventType, Place, Shadow, SyncTables } from './sync-tables.ts';
import { FIELDS, isEqualState, withoutFields } from './watch-fields.ts';

/** A report with its names looked up. */
export type Report = {
  readonly place: Place;
  readonly person: string;
  readonly identity: string;
  readonly itemName: string;
  readonly itemPath: string | null;
  /** What it has. */
  readonly has: WatchChange;
  /** Fields of `has` that say nothing of what the person wants, e.g. unwatched because it is watched again. */
  readonly unmeant: readonly WatchField[];
  /** When it was set, by our clock; not later than now. */
  readonly ms: number;
  readonly hookMs: number | null;
  readonly readMs: number | null;
  /** Of a hook, what it tells beside what is known; of a reading, what differs is told. */
  readonly history?: Pick<History, 'sayings' | 'past'>;
};

/** Whom a person is elsewhere, and what an item is there. */
export type Around = {
  /** Users of this person on servers that may be written to. */
  targets(person: string): readonly { readonly server: string; readonly userId: string }[];
  /** Of one server. */
  itemsOf(identity: string, server: string): readonly string[];
  itemNamed(server: string, itemId: string): { readonly name: string; readonly path: string | null };
  /** When what a person does with an item is to be told: a position that goes on may wait. */
  dueMs(report: Report, changes: readonly Change[]): number;
  /** Kinds that are switched off are not. */
  isSynced(field: WatchField): boolean;
  /** Of a series or season only what a person thinks of it: the rest is its episodes'. */
  hasField(place: Place, field: WatchField): boolean;
  /** Losses that may be mistakes wait for a person. */
  readonly guard?: LossGuard | undefined;
  /** Servers that are only written to say nothing. */
  isSource(server: string): boolean;
  nowMs(): number;
  newId(): number;
  /** Servers that have something to do now. */
  wake(servers: readonly string[]): void;
};

/** Everything in the transaction that is handed in. Answers with what is agreed anew. */
export async function takeReport(tx: Kysely<SyncTables>, around: Around, told: Report): Promise<readonly Change[]> {
  const report: Report = { ...told, has: ownFields(around, told.place, told.has) };
  const { place, person, identity, has } = report;
  const registers = await readRegisters(tx, person, identity);
  const shadow = await readShadow(tx, place);
  const history = report.history ?? historyOfReading(report, shadow, around.nowMs());
  const agreed = await agreeOn(tx, around, { report, sayings: history.sayings, isKnown: shadow !== null }, registers);
  const seen = seenNow(shadow?.seen ?? {}, has, agreed.registers);
  const { hookMs, readMs } = report;
  const isAnother = shadow === null || !isEqualState(seen, shadow.seen) || hookMs !== null;
  if (isAnother || (readMs ?? 0) > (shadow.readMs ?? 0))
    await writeShadow(tx, place, {
      seen,
      hookMs: hookMs ?? shadow?.hookMs ?? null,
      readMs: readMs ?? shadow?.readMs ?? null,
      past: readMs === null ? history.past : withFound(history.past, seen, readMs),
    });
  if (agreed.registers !== registers) await writeRegisters(tx, { person, identity }, agreed.registers, around.nowMs());
  around.wake(await tellOthers(tx, around, { report, seen, ...agreed }));
  return agreed.changes;
}

/** What differs from what was last seen there; what we wrote ourselves and never heard of again is no news. */
function historyOfReading(
  { has, unmeant, ms, readMs }: Report,
  shadow: Shadow | null,
  nowMs: number,
): Pick<History, 'sayings' | 'past'> {
  const { seen = {}, past = [] } = shadow ?? {};
  const silent = FIELDS.filter((field) => unmeant.includes(field) || isUnheard(past, field, has[field]));
  // A slow server may have answered long after it was asked.
  const at =
    readMs === null ? { by: 'hook' as const, fromMs: ms, toMs: ms } : { by: 'read' as const, fromMs: readMs, toMs: nowMs };
  return {
    sayings: [{ said: withoutFields(has, silent), before: seen, ms, notBeforeMs: shadow?.readMs ?? 0, follows: true }],
    past: shadow === null ? past : withPoint(past, { ...at, ...changed(seen, has) }, nowMs),
  };
}

type Said = { readonly report: Report; readonly sayings: readonly Saying[]; readonly isKnown: boolean };
type Agreed = Pick<Observed, 'registers' | 'changes'>;

async function agreeOn(
  tx: Kysely<SyncTables>,
  around: Around,
  { report, sayings, isKnown }: Said,
  registers: Registers,
): Promise<Agreed> {
  const { place, person, identity, itemName, itemPath } = report;
  let agreed: Agreed = { registers, changes: [] };
  for (const saying of sayings) {
    const said = saidBy(around, place, saying.said, isKnown);
    const { notBeforeMs, follows, foundMs } = saying;
    // A time ahead of ours would win for ever.
    const ms = Math.min(saying.ms, around.nowMs());
    const before = beforeSaying(said, saying.before);
    const setting = { ms, origin: place.server, notBeforeMs, follows, foundMs };
    const wanted = observe(agreed.registers, before, { ...setting, said });
    const weighed = { place, person, identity, itemName, itemPath, seen: before, notBeforeMs, said, ms, changes: wanted.changes };
    const held = (await around.guard?.weigh(tx, weighed)) ?? [];
    const one = held.length === 0 ? wanted : observe(agreed.registers, before, { ...setting, said: withoutFields(said, held) });
    agreed = { registers: one.registers, changes: [...agreed.changes, ...one.changes] };
  }
  return agreed;
}

/** Those that do not show what is agreed have something to do now. */
async function tellOthers(
  tx: Kysely<SyncTables>,
  around: Around,
  { report, seen, registers, changes }: Agreed & { readonly report: Report; readonly seen: Seen },
): Promise<readonly string[]> {
  const { place, person, identity, itemName, itemPath } = report;
  const dueMs = around.dueMs(report, changes);
  const concerned: string[] = [];
  for (const target of around.targets(person)) {
    const items = around.itemsOf(identity, target.server);
    // An item that it lacks may come one day: then there is something to bring, if there is anything at all.
    const lacks = items.length === 0 && changes.length > 0;
    if (!(lacks || (await isBehind(tx, { ...target, items, registers, place, seen }, around)))) continue;
    const wanted = { server: target.server, person, identity, dueMs, eventType: eventOf(changes), origin: place.server };
    await enqueue(tx, { ...wanted, itemName, itemPath }, { nowMs: around.nowMs(), newId: around.newId });
    concerned.push(target.server);
  }
  return concerned;
}

/** Of a series only what is its own. */
export const ownFields = (around: Pick<Around, 'hasField'>, place: Place, has: WatchChange): WatchChange =>
  Object.fromEntries(FIELDS.flatMap((field) => (field in has && around.hasField(place, field) ? [[field, has[field]]] : [])));

/** Of a server that was never compared whole, what it lacks says nothing: it may never have heard of it. */
function saidBy(around: Around, place: Place, told: WatchChange, isKnown: boolean): WatchChange {
  const said: Record<string, unknown> = {};
  if (!around.isSource(place.server)) return said;
  for (const field of FIELDS) {
    const value = told[field];
    if (value === undefined || !around.isSynced(field) || !around.hasField(place, field)) continue;
    if (!isKnown && value === untouched[field]) continue;
    said[field] = value;
  }
  return said as WatchChange;
}

type Target = {
  readonly server: string;
  readonly userId: string;
  readonly items: readonly string[];
  readonly registers: Parameters<typeof planWrite>[0];
  readonly place: Place;
  readonly seen: Seen;
};

/** Copies of an item count each. */
async function isBehind(tx: Kysely<SyncTables>, target: Target, { isSynced, guard }: Around): Promise<boolean> {
  const { server, userId, items, registers, place, seen } = target;
  for (const itemId of items) {
    const isPlace = server === place.server && userId === place.userId && itemId === place.itemId;
    const shadow = isPlace ? null : await readShadow(tx, { server, userId, itemId });
    const held = (await guard?.heldAt(tx, { server, userId, itemId })) ?? [];
    const known = isPlace ? seen : (shadow?.seen ?? {});
    // What is being written there at this moment, it has soon.
    const writing = shadow?.past.findLast(isOpen)?.is;
    for (const has of writing === undefined ? [known] : [known, { ...known, ...writing }])
      if (planWrite(registers, has, (field) => isSynced(field) && !held.includes(field)) !== null) return true;
  }
  return false;
}

const EVENTS: readonly (readonly [WatchField, EventType])[] = [
  ['played', 'watched'],
  ['favourite', 'favorite'],
  ['rating', 'rating'],
  ['positionMs', 'progress'],
];

/** What people would call it. */
export function eventOf(changes: readonly Pick<Change, 'field'>[]): EventType {
  for (const [field, event] of EVENTS) if (changes.some((change) => change.field === field)) return event;
  return 'watched';
}
