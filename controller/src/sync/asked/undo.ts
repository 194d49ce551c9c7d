// Takes back what was written: what was there before becomes a new wish, made here, that every server is brought to.
import { setImmediate as turn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { ControllerError } from '../../errors.ts';
import type { Registers } from '../state/observe.ts';
import { planWrite } from '../state/plan-write.ts';
import { enqueue } from '../state/queue-store.ts';
import { readRegisters, readShadow, writeRegisters } from '../state/state-store.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import { type Around, eventOf } from '../state/take-report.ts';
import { readEntries, type UndoScope } from './undo-entries.ts';
import { planUndo, type UndoneField, undoRegisters, type Written } from './undo-plan.ts';

export type UndoDeps = {
  readonly db: Kysely<SyncTables>;
  readonly around: Around;
};

export type UndoWish = {
  readonly scope: UndoScope;
  /** Also what somebody set anew since. */
  readonly force: boolean;
  /** Only tells. */
  readonly dryRun: boolean;
};

export type UndoneItem = {
  readonly person: string;
  readonly identity: string;
  readonly itemName: string;
  readonly changes: readonly UndoneField[];
  /** Why a field stays. */
  readonly kept: readonly string[];
  /** That are brought to it. */
  readonly servers: readonly string[];
};

export type Undone = {
  /** Of the log, that were taken back. */
  readonly entries: number;
  readonly items: readonly UndoneItem[];
};

const ORIGIN = 'undo';

/** Items of one transaction: some ms. */
const AT_ONCE = 50;

/** @throws ControllerError not_found, conflict, input_invalid for what cannot be taken back at all */
export async function undo(deps: UndoDeps, wish: UndoWish): Promise<Undone> {
  const entries = await readEntries(deps.db, wish.scope);
  const groups = [...Map.groupBy(entries, ({ person, identity }) => JSON.stringify([person, identity])).values()];
  const items: UndoneItem[] = [];
  for (let from = 0; from < groups.length; from += AT_ONCE) {
    const some = groups.slice(from, from + AT_ONCE);
    items.push(...(await deps.db.transaction().execute((tx) => undoSome(tx, deps, wish, some))));
    await turn();
  }
  if (items.length === 1 && 'id' in wish.scope && items.every(({ changes }) => changes.length === 0))
    throw new ControllerError('conflict', `nothing is left to undo: ${items[0]?.kept.join('; ') || 'it is as it was before'}`);
  if (!wish.dryRun) deps.around.wake([...new Set(items.flatMap(({ servers }) => servers))]);
  return { entries: entries.length, items: items.filter(({ changes, kept }) => changes.length + kept.length > 0) };
}

async function undoSome(
  tx: Kysely<SyncTables>,
  { around }: UndoDeps,
  { force, dryRun }: UndoWish,
  groups: readonly (readonly Written[])[],
): Promise<readonly UndoneItem[]> {
  const items: UndoneItem[] = [];
  for (const entries of groups) {
    const [first] = entries;
    if (first === undefined) continue;
    const { person, identity, itemName } = first;
    const before = await readRegisters(tx, person, identity);
    const { changes, kept } = planUndo(before, entries, { force, isSynced: around.isSynced });
    const after = undoRegisters(before, changes, { ms: around.nowMs(), origin: ORIGIN });
    if (!dryRun && changes.length > 0) await writeRegisters(tx, { person, identity }, after, around.nowMs());
    const servers = changes.length === 0 ? [] : await bring(tx, around, { person, identity, itemName, changes, after, dryRun });
    items.push({ person, identity, itemName, changes, kept, servers });
  }
  return items;
}

type Bringing = Omit<UndoneItem, 'kept' | 'servers'> & { readonly after: Registers; readonly dryRun: boolean };

/** Every server that shows otherwise, the one where it was done as well. */
async function bring(
  tx: Kysely<SyncTables>,
  around: Around,
  { person, identity, itemName, changes, after, dryRun }: Bringing,
): Promise<readonly string[]> {
  const servers = new Set<string>();
  for (const { server, userId } of around.targets(person)) {
    for (const itemId of around.itemsOf(identity, server)) {
      const seen = (await readShadow(tx, { server, userId, itemId }))?.seen ?? {};
      if (planWrite(after, seen, around.isSynced) === null || servers.has(server)) continue;
      servers.add(server);
      if (dryRun) continue;
      const { path } = around.itemNamed(server, itemId);
      const wanted = { server, person, identity, eventType: eventOf(changes), origin: ORIGIN, itemName, itemPath: path };
      await enqueue(tx, { ...wanted, dueMs: around.nowMs() }, { nowMs: around.nowMs(), newId: around.newId });
    }
  }
  return [...servers];
}
