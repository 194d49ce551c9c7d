// Brings one server to what is agreed of one person's item: reads, compares, writes what differs, reads back.
import type { Kysely } from 'kysely';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { WatchState } from '../../neighbours/watch-state.ts';
import type { Telling } from '../happenings.ts';
import type { ExpectedEchoes } from './expected-echoes.ts';
import { ownState } from './files-behind.ts';
import { REHEARSED } from './journal-store.ts';
import { keepWritten, noteOnly } from './keep-written.ts';
import type { SyncTables } from './sync-tables.ts';
import { type Delivery, type Planned, type Reading, type ReadingDeps, takeReading } from './take-reading.ts';
import type { Around } from './take-report.ts';

export type DeliverDeps = ReadingDeps & {
  readonly db: Kysely<SyncTables>;
  readonly around: Around;
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
    await noteOnly(deps.transact, { row, place, before: found, after: plan, message: REHEARSED });
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
  const wrong = await keepWritten(deps.transact, { row, place, found, plan, shadow, written, after, readMs: verifiedMs, isDone });
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
