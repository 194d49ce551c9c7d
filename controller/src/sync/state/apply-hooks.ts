// Hooks of one user's item, believed as far as they can be: what may be old, and every loss, is looked at once more before it counts.
import type { Kysely } from 'kysely';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { WatchChange } from '../../neighbours/watch-state.ts';
import { dateHooks, type Hook } from './date-hooks.ts';
import { mayBeLent, ownState } from './files-behind.ts';
import { historyOf, newsIn } from './history-of-hooks.ts';
import type { Change, Seen } from './observe.ts';
import { isForgotten, redated } from './past.ts';
import type { Found, Known, Told } from './replay.ts';
import type { ServerClocks } from './server-clocks.ts';
import { readShadow } from './state-store.ts';
import type { Place, Shadow, SyncTables } from './sync-tables.ts';
import { type Around, ownFields, takeReport } from './take-report.ts';
import type { Transact } from './transact.ts';
import { isLoss } from './watch-fields.ts';

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
  readonly transact: Transact;
  readonly clocks: ServerClocks;
};

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
  const { db, around, transact } = deps;
  const { place, person, identity, itemName, itemPath } = of;
  const shadow = await readShadow(db, place);
  const { known, told, hookMs, isDoubtful } = read(deps, of, shadow);
  const last = told.at(-1);
  if (last === undefined) return [];
  const found = isDoubtful ? await look(deps, server, { place, seen: shadow?.seen ?? {}, told: last.has }, signal) : null;
  const history = historyOf(known, told, found, around.nowMs());
  const report = { place, person, identity, itemName, itemPath, has: history.has, unmeant: [], ms: last.ms };
  const seenBy = { hookMs, readMs: found?.ms ?? null };
  return await transact((tx, within) => takeReport(tx, within, { ...report, ...seenBy, history }));
}

type Doubted = { readonly place: Place; readonly seen: Seen; readonly told: WatchChange };

async function look(deps: HookDeps, server: SyncedServer, { place, seen, told }: Doubted, signal: AbortSignal): Promise<Found> {
  const { around } = deps;
  const ms = around.nowMs();
  const found = await server.state(place.userId, place.itemId, signal);
  // What a file has by its hook counts where that shows; what has been shown for it all along, nobody took away.
  const own = mayBeLent(found, seen) ? { ...seen, ...told } : {};
  const { state } = await ownState(deps, server, { place, found, own }, signal);
  return { state: { ...state, ...ownFields(around, place, state) }, ms };
}

type Read = {
  readonly known: Known;
  readonly told: readonly Told[];
  /** By the server's clock. */
  readonly hookMs: number | null;
  /** One of them does not say all, may be older than what is known, or says that something is gone. */
  readonly isDoubtful: boolean;
};

function read({ around, clocks }: HookDeps, { place, hooks }: Hooks, shadow: Shadow | null): Read {
  const { seen = {}, readMs = null, hookMs: newest = null } = shadow ?? {};
  const skew = clocks.skew(place.server);
  const past = redated(shadow?.past ?? [], skew);
  const own = hooks.map((hook) => ({ ...hook, has: ownFields(around, place, hook.has) }));
  const {
    told: dated,
    hookMs,
    beforeMs,
    isDated,
  } = dateHooks(own, newest, {
    skew,
    oursOf: (utcMs, receivedMs) => clocks.oursOf(place.server, utcMs, receivedMs),
    beforeSet: (utcMs, receivedMs) => clocks.beforeSet(place.server, utcMs, receivedMs),
  });
  const known = { seen, past, readMs, hookMs: beforeMs };
  const told = dated.filter(({ ms }) => !isForgotten(known, ms));
  const isPart = hooks.some(({ trust }) => trust === 'part');
  const isSure = isDated && !hooks.some(({ trust }) => trust === 'hint');
  return { known, told, hookMs, isDoubtful: isPart || isAnyDoubtful(known, told, isSure) };
}

/** What was made before we looked last, or before another hook, or nobody knows when; what only a player says; and every loss. */
function isAnyDoubtful(known: Known, told: readonly Told[], isSure: boolean): boolean {
  let { seen } = known;
  for (const one of told) {
    const news = newsIn({ ...known, seen }, one);
    seen = { ...seen, ...one.has };
    if (news.length === 0) continue;
    const { has, unmeant, ms, sureMs, isNewest } = one;
    if (!isSure || !isNewest || (known.readMs !== null && ms <= known.readMs + sureMs)) return true;
    if (known.hookMs !== null && ms < known.hookMs) return true;
    if (news.some((field) => !unmeant.includes(field) && isLoss(field, known.seen[field], has[field] ?? null))) return true;
  }
  return false;
}
