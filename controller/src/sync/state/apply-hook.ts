// A hook, believed as far as it can be: what may be old, and every loss, is looked at once more before it counts.
import type { Kysely } from 'kysely';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { WatchChange, WatchField, WatchState } from '../../neighbours/watch-state.ts';
import type { Change, Seen } from './observe.ts';
import { unmeantIn } from './rewatch.ts';
import type { ServerClocks } from './server-clocks.ts';
import { readShadow } from './state-store.ts';
import type { Place, Shadow, SyncTables } from './sync-tables.ts';
import { type Around, type Report, takeReport } from './take-report.ts';
import { FIELDS, isLoss, isSame } from './watch-fields.ts';

export type Hook = {
  readonly place: Place;
  readonly person: string;
  readonly identity: string;
  readonly itemName: string;
  readonly itemPath: string | null;
  /** As the body has it; what it does not say is missing. */
  readonly has: WatchChange;
  readonly unmeant: readonly WatchField[];
  /** By the server's clock, with parts of a ms; null where it does not say. */
  readonly utcMs: number | null;
  readonly receivedMs: number;
};

export type HookDeps = {
  readonly db: Kysely<SyncTables>;
  readonly around: Around;
  readonly clocks: ServerClocks;
};

/** Hooks come as they are made: one that is older than the last by so much was made by a clock that was set back. */
const SET_BACK_MS = 60_000;

/** Answers with what is agreed anew. @throws ControllerError of the server where it had to be asked; nothing was taken then */
export async function applyHook(
  deps: HookDeps,
  server: SyncedServer,
  hook: Hook,
  signal: AbortSignal,
): Promise<readonly Change[]> {
  const { db, around, clocks } = deps;
  const { place, utcMs, receivedMs } = hook;
  const shadow = await readShadow(db, place);
  const olderMs = utcMs === null || shadow === null || shadow.hookMs === null ? 0 : shadow.hookMs - utcMs;
  const wasSetBack = olderMs >= SET_BACK_MS;
  // Each tells all of the state: a later one has said it already.
  if (olderMs > 0 && !wasSetBack) return [];
  const ms = utcMs === null ? receivedMs : clocks.oursOf(place.server, utcMs, receivedMs);
  const { person, identity, itemName, itemPath, has, unmeant } = hook;
  const report: Report = { place, person, identity, itemName, itemPath, has, unmeant, ms, hookMs: utcMs, readMs: null };
  if (!wasSetBack && !isDoubtful(deps, hook, shadow, ms)) return await take(db, around, report);
  const readMs = around.nowMs();
  const state = await server.state(place.userId, place.itemId, signal);
  return await take(db, around, { ...report, ...reading(state, hook, shadow?.seen ?? {}), readMs });
}

const take = async (db: Kysely<SyncTables>, around: Around, report: Report): Promise<readonly Change[]> =>
  await db.transaction().execute((tx) => takeReport(tx, around, report));

/** What is said nothing of in the hook says nothing in the state either. */
function reading(state: WatchState, { has, unmeant }: Hook, seen: Seen): Pick<Report, 'has' | 'unmeant'> {
  const stillSo = unmeant.filter((field) => isSame(field, state[field], has[field]));
  return { has: state, unmeant: [...stillSo, ...unmeantIn(state, seen)] };
}

function isDoubtful({ clocks }: HookDeps, { place, has, unmeant, utcMs }: Hook, shadow: Shadow | null, ms: number): boolean {
  const seen = shadow?.seen ?? {};
  const differs = FIELDS.filter((field) => field in has && !isSame(field, has[field], seen[field]));
  if (differs.length === 0) return false;
  const readMs = shadow?.readMs ?? null;
  const sureMs = clocks.skew(place.server)?.plusMinusMs ?? Number.POSITIVE_INFINITY;
  if (utcMs === null || (readMs !== null && ms <= readMs + sureMs)) return true;
  return differs.some((field) => !unmeant.includes(field) && isLoss(field, seen[field], has[field] ?? null));
}
