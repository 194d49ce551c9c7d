// What was written to a place, as it reads back: the new shadow, a row of the journal, and the end of its wish where the server took it.
import type { Kysely } from 'kysely';
import type { WatchChange, WatchField, WatchState } from '../../neighbours/watch-state.ts';
import { writeJournal } from './journal-store.ts';
import type { Seen } from './observe.ts';
import { seenNow, withEnd } from './past.ts';
import { type QueueRow, removeRow } from './queue-store.ts';
import { hiddenBy, unmeantIn } from './rewatch.ts';
import { readRegisters, writeShadow } from './state-store.ts';
import type { Place, Shadow, SyncTables } from './sync-tables.ts';
import { type Around, takeReport } from './take-report.ts';
import type { Transact } from './transact.ts';
import { FIELDS, isSame, isSameState } from './watch-fields.ts';

export type Written = {
  readonly row: QueueRow;
  readonly place: Place;
  /** Before it was written. */
  readonly found: WatchState;
  readonly readMs: number;
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
export async function keepWritten(
  transact: Transact,
  { row, place, found, plan, shadow, written, after, readMs, isDone }: Written,
): Promise<readonly WatchField[]> {
  const settle = async (tx: Kysely<SyncTables>): Promise<void> => {
    if (isDone) await removeRow(tx, row);
  };
  const otherwise = FIELDS.filter((field) => field in plan && !isSame(field, plan[field], after[field]));
  return await transact(async (tx, around) => {
    const past = withEnd(shadow?.past ?? [], readMs);
    const seen: Seen = { ...seenNow(shadow?.seen ?? {}, written, {}), ...plan };
    await writeShadow(tx, place, { seen, hookMs: shadow?.hookMs ?? null, readMs, past });
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

export type Noted = {
  readonly row: QueueRow;
  readonly place: Place;
  readonly before: WatchState;
  readonly after: WatchChange;
  readonly message: string;
  readonly success?: boolean;
};

/** Of what was only said. */
export async function noteOnly(transact: Transact, noted: Noted): Promise<void> {
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
