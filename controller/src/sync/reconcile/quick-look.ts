// A cheap look at what changes most: what can be resumed, what is a favourite, what was played last. It finds what no hook told, also what was taken
// back: what is in a list no more. Ratings and counts are in no list: only comparing everything finds them.
import type { ItemState, SyncedServer } from '../../neighbours/synced-server.ts';
import { untouched } from '../../neighbours/watch-state.ts';
import type { Shadow } from '../state/sync-tables.ts';
import { isSameState } from '../state/watch-fields.ts';
import type { ApplyDeps } from './apply-deps.ts';
import { type ComparedUser, lookAgain } from './compare-user.ts';
import { knownShadows } from './known-shadows.ts';

/** Answers with how many items differed. @throws ControllerError of the server */
export type QuickLook = (server: SyncedServer, user: ComparedUser, signal: AbortSignal) => Promise<number>;

/** Of one user. */
type Memory = {
  /** How many more are known to be played than the server counts: what it hides, or lists otherwise. Null: to be found out by reading all of them. */
  playedOff: number | null;
  /** What its lists tell otherwise than its own answer for the item: not asked for again until then, UTC ms. */
  settled: ReadonlyMap<string, { readonly as: string; readonly untilMs: number }>;
};

/** Each is one question; what is left is found again by the next look. */
const MOST_READS = 500;
const SETTLED_MS = 600_000;

/** Remembers from look to look what need not be asked again. */
export function createQuickLook(deps: ApplyDeps): QuickLook {
  const memories = new Map<string, Memory>();
  return async (server, user, signal) => {
    const key = `${server.name} ${user.userId}`;
    const memory = memories.get(key) ?? { playedOff: null, settled: new Map() };
    memories.set(key, memory);
    const known = await knownShadows(deps.db, server.name, user.userId);
    const found = createFound(known, (itemId) => deps.index.has(server.name, itemId));
    for (const { scan, has } of LISTS) {
      for await (const page of server.states(user.userId, scan, signal)) found.listed(scan, page);
      found.missing(scan, has);
    }
    const played = await lookAtPlayed(server, user, { found, memory, known }, signal);
    const read = await readAll(deps, server, { user, memory, known, found }, signal);
    // Where some are left, they must be found again.
    if (played !== null) memory.playedOff = read === null ? null : playedOff(new Map([...played.known, ...read]), played);
    return found.differing.size;
  };
}

/** What would be in each list. A played item with a position may or may not be resumable: it is not looked for. */
const LISTS = [
  { scan: 'resumable', has: ({ seen }: Shadow) => (seen.positionMs ?? 0) > 0 && seen.played === false },
  { scan: 'favourites', has: ({ seen }: Shadow) => seen.favourite === true },
] as const;

const isPlayed = ({ seen }: Shadow): boolean => seen.played === true;

type Played = {
  /** By item, as it was last seen. */
  readonly known: ReadonlyMap<string, boolean>;
  readonly newest: readonly ItemState[];
  readonly total: number;
};

/** What is new on the newest page is counted as known: it is read now, or said to be otherwise by the server itself. */
const playedOff = (known: ReadonlyMap<string, boolean>, { newest, total }: Omit<Played, 'known'>): number =>
  known.values().reduce((sum, is) => sum + Number(is), 0) +
  newest.filter(({ itemId }) => known.get(itemId) !== true).length -
  total;

type Found = {
  /** By item, how its list tells it. */
  readonly differing: ReadonlyMap<string, string>;
  listed(list: string, page: readonly ItemState[]): void;
  /** What should have been in the list, and was on no page of it. */
  missing(list: string, had: (shadow: Shadow) => boolean): void;
};

function createFound(known: ReadonlyMap<string, Shadow>, isThere: (itemId: string) => boolean): Found {
  const differing = new Map<string, string>();
  const lists = new Map<string, Set<string>>();
  const idsOf = (list: string): Set<string> => {
    const ids = lists.get(list) ?? new Set<string>();
    lists.set(list, ids);
    return ids;
  };
  return {
    differing,
    listed(list, page) {
      for (const { itemId, state } of page) {
        idsOf(list).add(itemId);
        if (!isSameState(state, known.get(itemId)?.seen ?? untouched)) differing.set(itemId, JSON.stringify(state));
      }
    },
    missing(list, had) {
      const ids = idsOf(list);
      // What the server has not any more is in no list of it.
      for (const [itemId, shadow] of known)
        if (had(shadow) && !ids.has(itemId) && !differing.has(itemId) && isThere(itemId)) differing.set(itemId, `not ${list}`);
    },
  };
}

type Looking = { readonly found: Found; readonly memory: Memory; readonly known: ReadonlyMap<string, Shadow> };

/** The newest are always looked at; all of them where their number is not what it must be. Null: it is, or is not told. */
async function lookAtPlayed(
  server: SyncedServer,
  { userId }: ComparedUser,
  { found, memory, known: shadows }: Looking,
  signal: AbortSignal,
): Promise<Played | null> {
  const { states: newest, total } = await server.newestPlayed(userId, signal);
  found.listed('newest', newest);
  const known = new Map(shadows.entries().map(([itemId, shadow]) => [itemId, isPlayed(shadow)]));
  if (total === null || playedOff(known, { newest, total }) === memory.playedOff) return null;
  for await (const page of server.states(userId, 'played', signal)) found.listed('played', page);
  found.missing('played', isPlayed);
  return { known, newest, total };
}

type Reading = Looking & { readonly user: ComparedUser };

/** Answers with which are played, of those that were read; null: some are left. */
async function readAll(
  deps: ApplyDeps,
  server: SyncedServer,
  { user: { userId, person }, found, memory }: Reading,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, boolean> | null> {
  const nowMs = deps.around.nowMs();
  const settled = new Map<string, { as: string; untilMs: number }>();
  const played = new Map<string, boolean>();
  let reads = 0;
  for (const [itemId, as] of found.differing) {
    const before = memory.settled.get(itemId);
    if (before?.as === as && nowMs < before.untilMs) {
      settled.set(itemId, before);
      continue;
    }
    if (reads === MOST_READS) {
      memory.settled = settled;
      return null;
    }
    reads += 1;
    const looked = await lookAgain(deps, server, { place: { server: server.name, userId, itemId }, person }, signal);
    if (looked?.differs !== true) settled.set(itemId, { as, untilMs: nowMs + SETTLED_MS });
    if (looked !== null) played.set(itemId, looked.state.played);
  }
  memory.settled = settled;
  return played;
}
