// Pure: which lists of a user on a server are which of ours, and whose a list is. What is not clear is said, never guessed.
import type { SyncedPlaylist } from '../../neighbours/synced-playlists.ts';

/** What one user of a server sees there. */
export type UserLists = {
  readonly userId: string;
  readonly isAdministrator: boolean;
  readonly lists: readonly SyncedPlaylist[];
};

/**
 * A list that an administrator sees may be anybody's, as far as the server says. It is that of the user who certainly made it, else of the one administrator who sees it.
 * @returns `unclear`: lists that may be several administrators'
 */
export function ownLists(all: readonly UserLists[]): {
  readonly own: ReadonlyMap<string, readonly SyncedPlaylist[]>;
  readonly unclear: ReadonlySet<string>;
} {
  const claimed = new Set(all.flatMap(({ lists }) => lists.flatMap(({ id, madeBy }) => (madeBy === 'this-user' ? [id] : []))));
  const seeing = new Map<string, number>();
  for (const { isAdministrator, lists } of all)
    if (isAdministrator) for (const { id } of lists) seeing.set(id, (seeing.get(id) ?? 0) + 1);
  const isOf = ({ id, madeBy }: SyncedPlaylist): boolean =>
    madeBy === 'this-user' || (madeBy === 'unclear' && !claimed.has(id) && seeing.get(id) === 1);
  const unclear = new Set(
    all.flatMap(({ lists }) =>
      lists.flatMap(({ id, madeBy }) => (madeBy === 'unclear' && !claimed.has(id) && (seeing.get(id) ?? 0) > 1 ? [id] : [])),
    ),
  );
  return { own: new Map(all.map(({ userId, lists }) => [userId, lists.filter(isOf)])), unclear };
}

/** One of ours, and where it is on this server, as far as that is known. */
export type Known = {
  readonly list: string;
  /** As agreed. */
  readonly name: string;
  /** As last seen there. */
  readonly seenName: string | null;
  readonly listId: string | null;
  readonly isDeleted: boolean;
};

type Listed = Pick<SyncedPlaylist, 'id' | 'name'>;

export type Pairs = {
  /** Ours that are there. `isNew`: by its name, for the first time or again. */
  readonly there: readonly { readonly list: string; readonly listed: Listed; readonly isNew: boolean }[];
  /** Ours that were there. */
  readonly missing: readonly string[];
  /** Theirs that we do not have. */
  readonly unknown: readonly Listed[];
  /** Theirs whose name is not theirs alone. */
  readonly unclear: readonly Listed[];
};

/** By id; what is left by name, as it is written, where exactly one on each side has it: also a list that got another id. */
export function pairLists(known: readonly Known[], listed: readonly Listed[]): Pairs {
  const byId = new Map(known.flatMap(({ list, listId }) => (listId === null ? [] : [[listId, list] as const])));
  const there: Pairs['there'][number][] = [];
  const left: Listed[] = [];
  for (const one of listed) {
    const list = byId.get(one.id);
    if (list === undefined) left.push(one);
    else there.push({ list, listed: one, isNew: false });
  }
  const paired = new Set(there.map(({ list }) => list));
  const [unknown, unclear]: [Listed[], Listed[]] = [[], []];
  for (const [name, ones] of Map.groupBy(left, (one) => one.name)) {
    const [only] = ones;
    const free = known.filter((one) => !paired.has(one.list) && !one.isDeleted && (one.name === name || one.seenName === name));
    const isTaken =
      there.some(({ listed: { name: taken } }) => taken === name) ||
      known.some((one) => paired.has(one.list) && !one.isDeleted && one.name === name);
    if (ones.length > 1 || only === undefined || free.length > 1) unclear.push(...ones);
    else if (free[0] !== undefined) {
      there.push({ list: free[0].list, listed: only, isNew: true });
      paired.add(free[0].list);
    } else if (isTaken) unclear.push(only);
    else unknown.push(only);
  }
  const missing = known.flatMap(({ list, listId }) => (listId !== null && !paired.has(list) ? [list] : []));
  return { there, missing, unknown, unclear };
}
