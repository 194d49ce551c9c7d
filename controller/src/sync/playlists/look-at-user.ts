// All lists of one user of one server: each is paired with one of ours, visited, made, or taken for new.
import { randomUUID } from 'node:crypto';
import { ControllerError, messageOf } from '../../errors.ts';
import { failureKind } from '../../neighbours/server-failure.ts';
import type { SyncedPlaylist } from '../../neighbours/synced-playlists.ts';
import { type BringDeps, keep } from './bring-list.ts';
import { createList } from './create-list.ts';
import {
  dropPlace,
  type ListPlace,
  newPlace,
  readLists,
  readPlaces,
  type StoredList,
  writeList,
  writePlace,
} from './list-store.ts';
import type { ListOwner } from './lists-deps.ts';
import { newList } from './merge-lists.ts';
import { takeMissing } from './missing-list.ts';
import { type Known, type Pairs, pairLists } from './pair-lists.ts';
import { isListGone, readEntries } from './seen-entries.ts';
import { visitList } from './visit-list.ts';

export type LookDeps = BringDeps & {
  /** When a list was last seen where it is; from memory, else from disk. */
  readonly lastSeen: Map<string, number>;
  /** Lists that are left alone since it is not clear which or whose they are. */
  unclear(owner: Pick<ListOwner, 'person'> & { readonly server: string }, lists: readonly UnclearList[]): void;
};

export type UnclearList = { readonly id: string; readonly name: string; readonly why: 'two-of-one-name' | 'whose' };

/** `unclear`: that may be another administrator's. */
export type ListsOfUser = { readonly own: readonly SyncedPlaylist[]; readonly unclear: readonly SyncedPlaylist[] };

type OfUser = {
  readonly stored: ReadonlyMap<string, StoredList>;
  placeOf(list: string): ListPlace;
  readonly pairs: Pairs;
  /** Names that nothing is made by. */
  readonly takenNames: ReadonlySet<string>;
};

/** @throws ControllerError of the server; what was done until then is done */
export async function lookAtUser(deps: LookDeps, owner: ListOwner, lists: ListsOfUser, signal: AbortSignal): Promise<void> {
  const { name: server } = owner.at;
  const of = await pair(deps, owner, lists);
  for (const { list: id, listed } of of.pairs.there) {
    const list = of.stored.get(id);
    if (list === undefined) continue;
    await oneByOne(deps, owner, of.placeOf(id), async () => {
      const readMs = deps.clock.now();
      await visitList(deps, owner, { list, place: of.placeOf(id), listed }, signal);
      noteSeen(deps, owner, id, readMs);
    });
  }
  const lost = await takeAllMissing(deps, owner, of, signal);
  if (deps.isSource(server)) for (const listed of of.pairs.unknown) await takeNew(deps, owner, listed, signal);
  if (deps.isTarget(server)) await makeAll(deps, owner, { of, lost }, signal);
}

async function pair(deps: LookDeps, { at, user, person }: ListOwner, { own, unclear: others }: ListsOfUser): Promise<OfUser> {
  const stored = await readLists(deps.db, person);
  const places = await placesOf(deps, { server: at.name, userId: user.id }, stored);
  const placeOf = (list: string): ListPlace =>
    places.get(list) ?? newPlace({ server: at.name, userId: user.id, list }, deps.clock.now());
  // One that was ours before another administrator saw it as well stays ours.
  const mapped = new Set([...places.values()].map(({ listId }) => listId));
  const known = stored.map((list) => knownAs(list, placeOf(list.id)));
  const pairs = pairLists(known, [...own, ...others.filter(({ id }) => mapped.has(id))]);
  const unclear = [
    ...pairs.unclear.map(({ id, name }) => ({ id, name, why: 'two-of-one-name' as const })),
    ...others.flatMap(({ id, name }) => (mapped.has(id) ? [] : [{ id, name, why: 'whose' as const }])),
  ];
  deps.unclear({ server: at.name, person }, unclear);
  const takenNames = new Set([...unclear, ...pairs.unknown].map(({ name }) => name));
  return { stored: new Map(stored.map((list) => [list.id, list])), placeOf, pairs, takenNames };
}

const knownAs = ({ id, agreed }: StoredList, { listId, seen, writing }: ListPlace): Known => ({
  list: id,
  name: agreed.name.value,
  seenName: seen?.name ?? (writing === null || writing === 'delete' ? null : writing.name),
  listId,
  isDeleted: agreed.deletedAt !== null,
});

/** A user who is somebody else now has none of the lists that they had as another person. */
async function placesOf(
  { db }: LookDeps,
  { server, userId }: { readonly server: string; readonly userId: string },
  stored: readonly StoredList[],
): Promise<ReadonlyMap<string, ListPlace>> {
  const ours = new Set(stored.map(({ id }) => id));
  const places = new Map<string, ListPlace>();
  for (const place of await readPlaces(db, { server })) {
    if (place.userId !== userId) continue;
    if (ours.has(place.list)) places.set(place.list, place);
    else await db.transaction().execute((tx) => dropPlace(tx, place));
  }
  return places;
}

const keyOf = ({ at, user }: ListOwner, list: string): string => `${at.name} ${user.id} ${list}`;
const MOST_SEEN = 10_000;

/** Where it is forgotten, what is on disk answers, which is older. */
function noteSeen({ lastSeen }: LookDeps, owner: ListOwner, list: string, atMs: number): void {
  if (lastSeen.size >= MOST_SEEN) lastSeen.clear();
  lastSeen.set(keyOf(owner, list), atMs);
}

/** What is wrong with one list stops no other, and is shown. @throws ControllerError where the server is away */
async function oneByOne(
  deps: LookDeps,
  { at, user, person }: ListOwner,
  { list }: Pick<ListPlace, 'list'>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ControllerError) || failureKind(error) !== 'failed' || error.code === 'storage_failed') throw error;
    const problem = messageOf(error);
    const place = (await readPlaces(deps.db, { server: at.name, list })).find(({ userId }) => userId === user.id);
    if (place === undefined || place.problem === problem) return;
    deps.log.warn({ server: at.name, person, problem }, 'a playlist cannot be kept the same now');
    await keep(deps, { ...place, problem });
  }
}

/** @returns those that are not to be made again now */
async function takeAllMissing(
  deps: LookDeps,
  owner: ListOwner,
  { stored, placeOf, pairs }: OfUser,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const lost = new Set<string>(pairs.missing);
  if (lost.size === 0 || !(await isUser(owner, signal))) return lost;
  for (const id of pairs.missing) {
    const [list, place] = [stored.get(id), placeOf(id)];
    if (list === undefined || place.listId === null) continue;
    if (!(await isListGone(owner, place.listId, signal))) continue;
    const seenMs = deps.lastSeen.get(keyOf(owner, id)) ?? place.readMs;
    if ((await takeMissing(deps, owner, { list, place, seenMs }, signal)) !== null) lost.delete(id);
  }
  return lost;
}

/** Somebody who went since they were listed took their lists along: that is no wish to be without them elsewhere. */
const isUser = async ({ at, user }: ListOwner, signal: AbortSignal): Promise<boolean> =>
  (await at.server.users(signal)).some(({ id }) => id === user.id);

async function takeNew(
  deps: LookDeps,
  owner: ListOwner,
  { id, name }: Pick<SyncedPlaylist, 'id' | 'name'>,
  signal: AbortSignal,
): Promise<void> {
  const { at, person, user } = owner;
  const readMs = deps.clock.now();
  if (await isListGone(owner, id, signal)) return;
  const seen = { name, entries: await readEntries(deps, owner, { listId: id, seen: null }, signal) };
  const agreed = newList(seen, { ms: readMs, count: 0, origin: at.name });
  const list: StoredList = { id: randomUUID(), person, agreed };
  const place: ListPlace = {
    ...newPlace({ server: at.name, userId: user.id, list: list.id }, readMs),
    ...{ listId: id, seen },
  };
  const isTaken = await deps.agree(signal, async (tx) => {
    // Another server's came a moment before: the two meet at the next look, which that one rings for.
    const stored = await readLists(tx, person);
    if (stored.some((one) => one.agreed.deletedAt === null && one.agreed.name.value === name)) return true;
    await writeList(tx, list, readMs);
    await writePlace(tx, place);
    return false;
  });
  if (isTaken) return;
  noteSeen(deps, owner, list.id, readMs);
  deps.log.info({ server: at.name, person, list: name, entries: seen.entries.length }, 'a playlist is new');
  deps.changed(person, at.name);
}

/** All that this user has elsewhere, and not here. */
async function makeAll(
  deps: LookDeps,
  owner: ListOwner,
  { of, lost }: { readonly of: OfUser; readonly lost: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<void> {
  const { at, user, person } = owner;
  const there = new Set(of.pairs.there.map(({ list }) => list));
  for (const list of await readLists(deps.db, person)) {
    const { id, agreed } = list;
    if (there.has(id) || lost.has(id) || agreed.deletedAt !== null || of.takenNames.has(agreed.name.value)) continue;
    const places = await readPlaces(deps.db, { server: at.name, list: id });
    const place = places.find(({ userId }) => userId === user.id) ?? of.placeOf(id);
    if (place.listId === null) await oneByOne(deps, owner, place, () => createList(deps, owner, { list, place }, signal));
  }
}
