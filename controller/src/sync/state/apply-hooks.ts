// Hooks of one user's item, believed as far as they can be: what may be old, and every loss, is looked at once more before it counts.
import type { Kysely } from 'kysely';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import { type Found, historyOf, type Known, newsIn, type Told } from './history-of-hooks.ts';
import type { Change } from './observe.ts';
import type { ServerClocks } from './server-clocks.ts';
import { readShadow } from './state-store.ts';
import type { Place, Shadow, SyncTables } from './sync-tables.ts';
import { type Around, ownFields, takeReport } from './take-report.ts';
import { isLoss } from './watch-fields.ts';

export type Hook = {
  /** As the body has it; what it does not say is missing. */
  readonly has: WatchChange;
  readonly unmeant: readonly WatchField[];
  /** By the server's clock, with parts of a ms; null where it does not say. */
  readonly utcMs: number | null;
  readonly receivedMs: number;
};

/** Of one user's item, as they came. */
export type Hooks = {
  readonly place: Place;
  readonly person: string;
  readonly identity: string;
  readonly itemName: string;
  readonly itemPath: string | null;
  readonly hooks: readonly Hook[];
};

export type HookDeps = {
  readonly db: Kysely<SyncTables>;
  readonly around: Around;
  readonly clocks: ServerClocks;
};

/** Hooks come as they are made: one that is older than the last by so much was made by a clock that was set back. */
const SET_BACK_MS = 60_000;

/**
 * One transaction for all, in the order in which they were made: each says what somebody did at its time, also where a later one says all that is so now.
 * Answers with what is agreed anew. @throws ControllerError of the server where it had to be asked; nothing was taken then
 */
export async function applyHooks(
  deps: HookDeps,
  server: SyncedServer,
  of: Hooks,
  signal: AbortSignal,
): Promise<readonly Change[]> {
  const { db, around } = deps;
  const { place, person, identity, itemName, itemPath } = of;
  const shadow = await readShadow(db, place);
  const { known, told, hookMs, isDoubtful } = read(deps, of, shadow);
  const last = told.at(-1);
  if (last === undefined) return [];
  const found = isDoubtful ? await look(deps, server, place, signal) : null;
  const history = historyOf(known, told, found, around.nowMs());
  const report = { place, person, identity, itemName, itemPath, has: history.has, unmeant: [], ms: last.ms };
  const seenBy = { hookMs, readMs: found?.ms ?? null };
  return await db.transaction().execute((tx) => takeReport(tx, around, { ...report, ...seenBy, history }));
}

async function look({ around }: HookDeps, server: SyncedServer, place: Place, signal: AbortSignal): Promise<Found> {
  const ms = around.nowMs();
  const state = await server.state(place.userId, place.itemId, signal);
  return { state: { ...state, ...ownFields(around, place, state) }, ms };
}

type Read = {
  readonly known: Known;
  readonly told: readonly Told[];
  /** By the server's clock. */
  readonly hookMs: number | null;
  /** One of them may be older than what is known, or it says that something is gone. */
  readonly isDoubtful: boolean;
};

function read({ around, clocks }: HookDeps, { place, hooks }: Hooks, shadow: Shadow | null): Read {
  const skew = clocks.skew(place.server);
  const sureMs = skew?.plusMinusMs ?? Number.POSITIVE_INFINITY;
  const { seen = {}, past = [], readMs = null, hookMs: newest = null } = shadow ?? {};
  const told: Told[] = [];
  let [hookMs, isDated] = [newest, true];
  for (const { has, unmeant, utcMs, receivedMs } of inOrder(hooks)) {
    // Since the clock was set back, the time of the last hook orders nothing.
    const wasSetBack = utcMs !== null && (hookMs ?? utcMs) - utcMs >= SET_BACK_MS;
    if (utcMs === null || wasSetBack) isDated = false;
    const ms = utcMs === null || wasSetBack ? receivedMs : clocks.oursOf(place.server, utcMs, receivedMs);
    told.push({
      has: ownFields(around, place, has),
      unmeant,
      ms: Math.max(ms, told.at(-1)?.ms ?? ms),
      sureMs,
      isNewest: utcMs !== null && utcMs >= (hookMs ?? utcMs),
    });
    if (utcMs !== null) hookMs = wasSetBack ? utcMs : Math.max(hookMs ?? utcMs, utcMs);
  }
  const isOrdered = newest === null || hookMs === null || hookMs >= newest;
  const newestMs = newest === null || !isOrdered ? null : newest - (skew?.ms ?? 0);
  // Ahead of all times: of a clock that was set back since.
  const isAhead = newestMs !== null && newestMs > Math.max(...hooks.map(({ receivedMs }) => receivedMs));
  const known = { seen, past, readMs, hookMs: isAhead ? null : newestMs };
  return { known, told, hookMs, isDoubtful: isAnyDoubtful(known, told, isDated) };
}

/** As they were made, where all of them say when. */
const inOrder = (hooks: readonly Hook[]): readonly Hook[] =>
  hooks.every(({ utcMs }) => utcMs !== null) ? [...hooks].sort((a, b) => (a.utcMs ?? 0) - (b.utcMs ?? 0)) : hooks;

/** What was made before we looked last, or before another hook, or nobody knows when; and every loss. */
function isAnyDoubtful(known: Known, told: readonly Told[], isDated: boolean): boolean {
  let { seen } = known;
  for (const one of told) {
    const news = newsIn({ ...known, seen }, one);
    seen = { ...seen, ...one.has };
    if (news.length === 0) continue;
    const { has, unmeant, ms, sureMs } = one;
    if (!isDated || (known.readMs !== null && ms <= known.readMs + sureMs)) return true;
    if (known.hookMs !== null && ms < known.hookMs) return true;
    if (news.some((field) => !unmeant.includes(field) && isLoss(field, known.seen[field], has[field] ?? null))) return true;
  }
  return false;
}
