// What a server told, by a hook or by reading it, taken into what is agreed; and whom that concerns.
import type { Kysely } from 'kysely';
import { untouched, type WatchChange, type WatchField } from '../../neighbours/watch-state.ts';
import type { LossGuard } from './loss-guard.ts';
import { type Change, observe, type Seen } from './observe.ts';
import { planWrite } from './plan-write.ts';
import { enqueue } from './queue-store.ts';
import { readRegisters, readShadow, writeRegisters, writeShadow } from './state-store.ts';
import type { EventType, Place, SyncTables } from './sync-tables.ts';
import { FIELDS, isSame, withoutFields } from './watch-fields.ts';

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
  const report: Report = { ...told, has: ownFields(around, told) };
  const { place, person, identity, has, ms } = report;
  const registers = await readRegisters(tx, person, identity);
  const shadow = await readShadow(tx, place);
  const said = saidBy(around, report, shadow?.seen ?? null);
  const [before, notBeforeMs] = [shadow?.seen ?? {}, shadow?.readMs ?? 0];
  const setting = { ms, origin: place.server, notBeforeMs };
  const wanted = observe(registers, before, { ...setting, said });
  const { itemName, itemPath } = report;
  const weighed = { place, person, identity, itemName, itemPath, seen: before, notBeforeMs, said, ms, changes: wanted.changes };
  const held = (await around.guard?.weigh(tx, weighed)) ?? [];
  const observed = held.length === 0 ? wanted : observe(registers, before, { ...setting, said: withoutFields(said, held) });
  const seen: Seen = { ...observed.seen, ...has };
  if (shadow === null || !isAllSame(seen, shadow.seen) || (report.readMs ?? 0) > (shadow.readMs ?? 0) || report.hookMs !== null)
    await writeShadow(tx, place, {
      seen,
      hookMs: report.hookMs ?? shadow?.hookMs ?? null,
      readMs: report.readMs ?? shadow?.readMs ?? null,
    });
  if (observed.registers !== registers) await writeRegisters(tx, { person, identity }, observed.registers, around.nowMs());
  const dueMs = around.dueMs(report, observed.changes);
  const concerned: string[] = [];
  for (const target of around.targets(person)) {
    const items = around.itemsOf(identity, target.server);
    // An item that it lacks may come one day: then there is something to bring, if there is anything at all.
    const lacks = items.length === 0 && observed.changes.length > 0;
    if (!(lacks || (await isBehind(tx, { ...target, items, registers: observed.registers, place, seen }, around)))) continue;
    await enqueue(
      tx,
      {
        ...{ server: target.server, person, identity, dueMs },
        ...{ eventType: eventOf(observed.changes), origin: place.server },
        ...{ itemName: report.itemName, itemPath: report.itemPath },
      },
      { nowMs: around.nowMs(), newId: around.newId },
    );
    concerned.push(target.server);
  }
  around.wake(concerned);
  return observed.changes;
}

const ownFields = (around: Around, { place, has }: Report): WatchChange =>
  Object.fromEntries(FIELDS.flatMap((field) => (field in has && around.hasField(place, field) ? [[field, has[field]]] : [])));

/** Of a server that was never compared whole, what it lacks says nothing: it may never have heard of it. */
function saidBy(around: Around, { place, has, unmeant }: Report, seen: Seen | null): WatchChange {
  const said: Record<string, unknown> = {};
  if (!around.isSource(place.server)) return said;
  for (const field of FIELDS) {
    const value = has[field];
    if (value === undefined || unmeant.includes(field) || !around.isSynced(field)) continue;
    if (seen === null && value === untouched[field]) continue;
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
    const known = isPlace ? seen : ((await readShadow(tx, { server, userId, itemId }))?.seen ?? {});
    const held = (await guard?.heldAt(tx, { server, userId, itemId })) ?? [];
    if (planWrite(registers, known, (field) => isSynced(field) && !held.includes(field)) !== null) return true;
  }
  return false;
}

const isAllSame = (a: Seen, b: Seen): boolean => FIELDS.every((field) => isSame(field, a[field], b[field]));

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
