// All lists of all users of one server, looked at once: what was done there is taken, and it is brought to what is agreed.
import { randomUUID } from 'node:crypto';
import { ControllerError, messageOf } from '../../errors.ts';
import { failureKind } from '../../neighbours/server-failure.ts';
import type { SyncedPlaylist } from '../../neighbours/synced-playlists.ts';
import type { BringDeps } from './bring-list.ts';
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
import type { ListOwner, ListServer } from './lists-deps.ts';
import { newList } from './merge-lists.ts';
import { takeMissing } from './missing-list.ts';
import { type Known, ownLists, pairLists, type UserLists } from './pair-lists.ts';
import { isListGone, readEntries } from './seen-entries.ts';
import { visitList } from './visit-list.ts';

export type LookDeps = BringDeps & {
  /** When a list was last seen where it is; from memory, else from disk. */
  readonly lastSeen: Map<string, number>;
  /** Lists that are left alone since it is not clear which or whose they are. */
  unclear(owner: Pick<ListOwner, 'person'> & { readonly server: string }, lists: readonly UnclearList[]): void;
};

export type UnclearList = { readonly id: string; readonly name: string; readonly why: 'two-of-one-name' | 'whose' };

/** @param who only these; null: all @throws ControllerError of the server */
export async function lookAtLists(
  deps: LookDeps,
  at: ListServer,
  who: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<void> {
  const users = await at.server.users(signal);
  const owners = users.flatMap(({ id, isAdministrator }): readonly ListOwner[] => {
    const person = deps.personOf(at.name, id);
    const token = deps.tokenOf(at.name, id);
    return person === null || who?.has(person) === false ? [] : [{ at, person, user: { id, isAdministrator, token } }];
  });
  const read = new Map<string, UserLists>();
  const readOf = async (userId: string, isAdministrator: boolean): Promise<void> => {
    const user = { id: userId, isAdministrator, token: null };
    const lists = await unlessGone(() => at.playlists.lists(user, signal), []);
    read.set(userId, { userId, isAdministrator, lists });
  };
  for (const { user } of owners) await readOf(user.id, user.isAdministrator);
  // Whose a list of an administrator is, only all others can tell.
  if ([...read.values()].some(({ lists }) => lists.some(({ madeBy }) => madeBy === 'unclear')))
    for (const { id, isAdministrator } of users) if (!read.has(id)) await readOf(id, isAdministrator);
  const { own, unclear } = ownLists([...read.values()]);
  for (const owner of owners) {
    const seen = read.get(owner.user.id)?.lists ?? [];
    const lists = { own: own.get(owner.user.id) ?? [], unclear: seen.filter(({ id }) => unclear.has(id)) };
    await unlessGone(() => lookAtUser(deps, owner, lists, signal), undefined);
  }
}

/** A user who is gone since the list of users was read is looked at no more. */
async function unlessGone<Result>(work: () => Promise<Result>, otherwise: Result): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ControllerError && error.code === 'not_found') return otherwise;
    throw error;
  }
}

type OfUser = { readonly own: readonly SyncedPlaylist[]; readonly unclear: readonly SyncedPlaylist[] };

async function lookAtUser(
  deps: LookDeps,
  owner: ListOwner,
  { own, unclear: notOurs }: OfUser,
  signal: AbortSignal,
): Promise<void> {
  const { at, person, user } = owner;
  const stored = await readLists(deps.db, person);
  const places = await placesOf(deps, owner, stored);
  // One that was ours before another administrator saw it as well.
  const mapped = new Set([...places.values()].map(({ listId }) => listId));
  const listed = [...own, ...notOurs.filter(({ id }) => mapped.has(id))];
  const placeOf = (list: string): ListPlace =>
    places.get(list) ?? newPlace({ server: at.name, userId: user.id, list }, deps.clock.now());
  const pairs = pairLists(
    stored.map((one) => knownAs(one, placeOf(one.id))),
    listed,
  );
  const unclear = [
    ...pairs.unclear.map(({ id, name }) => ({ id, name, why: 'two-of-one-name' as const })),
    ...notOurs.flatMap(({ id, name }) => (mapped.has(id) ? [] : [{ id, name, why: 'whose' as const }])),
  ];
  deps.unclear({ server: at.name, person }, unclear);
  const byId = new Map(stored.map((one) => [one.id, one]));
  for (const { list: id, listed: one } of pairs.there) {
    const list = byId.get(id);
    if (list === undefined) continue;
    await oneByOne(deps, owner, list, async () => {
      const readMs = deps.clock.now();
      const added = await visitList(deps, owner, { list, place: placeOf(id), listed: one }, signal);
      deps.lastSeen.set(keyOf(owner, id), readMs);
      if (added !== null) deps.log.info({ server: at.name, person, list: one.name, added }, 'a playlist met its like');
    });
  }
  const lost = await takeAllMissing(
    deps,
    owner,
    pairs.missing.map((id) => ({ list: byId.get(id), place: placeOf(id) })),
    signal,
  );
  if (deps.isSource(at.name)) for (const one of pairs.unknown) await takeNew(deps, owner, one, signal);
  const names = new Set(unclear.map(({ name }) => name));
  const there = new Set(pairs.there.map(({ list }) => list));
  if (!deps.isTarget(at.name)) return;
  for (const list of await readLists(deps.db, person)) {
    if (there.has(list.id) || lost.has(list.id) || list.agreed.deletedAt !== null || names.has(list.agreed.name.value)) continue;
    if (pairs.unknown.some(({ name }) => name === list.agreed.name.value)) continue;
    await oneByOne(deps, owner, list, async () => {
      const known = (await readPlaces(deps.db, { list: list.id })).find(
        (one) => one.server === at.name && one.userId === user.id,
      );
      if ((known?.listId ?? null) === null) await createList(deps, owner, { list, place: known ?? placeOf(list.id) }, signal);
    });
  }
}

const keyOf = ({ at, user }: ListOwner, list: string): string => `${at.name} ${user.id} ${list}`;

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
  { at, user }: ListOwner,
  stored: readonly StoredList[],
): Promise<ReadonlyMap<string, ListPlace>> {
  const ours = new Set(stored.map(({ id }) => id));
  const places = new Map<string, ListPlace>();
  for (const place of await readPlaces(db, { server: at.name })) {
    if (place.userId !== user.id) continue;
    if (ours.has(place.list)) places.set(place.list, place);
    else await db.transaction().execute((tx) => dropPlace(tx, place));
  }
  return places;
}

/** What is wrong with one list stops no other. @throws ControllerError where the server is away */
async function oneByOne(
  { log }: LookDeps,
  { at, person }: ListOwner,
  { agreed }: StoredList,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ControllerError) || failureKind(error) !== 'failed' || error.code === 'storage_failed') throw error;
    const what = { server: at.name, person, list: agreed.name.value, error: messageOf(error) };
    log.debug(what, 'a playlist cannot be kept the same now');
  }
}

type MaybeMissing = { readonly list: StoredList | undefined; readonly place: ListPlace };

/** @returns those that are not to be made again now */
async function takeAllMissing(
  deps: LookDeps,
  owner: ListOwner,
  missing: readonly MaybeMissing[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const lost = new Set<string>();
  for (const { list, place } of missing) {
    if (list === undefined || place.listId === null) continue;
    lost.add(list.id);
    if (!(await isListGone(owner, place.listId, signal))) continue;
    const seenMs = deps.lastSeen.get(keyOf(owner, list.id)) ?? place.readMs;
    if ((await takeMissing(deps, owner, { list, place, seenMs })) !== null) lost.delete(list.id);
  }
  return lost;
}

async function takeNew(
  deps: LookDeps,
  owner: ListOwner,
  { id, name }: Pick<SyncedPlaylist, 'id' | 'name'>,
  signal: AbortSignal,
): Promise<void> {
  const { at, person, user } = owner;
  const readMs = deps.clock.now();
  const entries = await unlessGone(() => readEntries(deps, owner, { listId: id, seen: null }, signal), null);
  if (entries === null) return;
  const list: StoredList = {
    id: randomUUID(),
    person,
    agreed: newList({ name, entries }, { ms: readMs, count: 0, origin: at.name }),
  };
  const place: ListPlace = {
    ...newPlace({ server: at.name, userId: user.id, list: list.id }, readMs),
    ...{ listId: id, seen: { name, entries } },
  };
  const isTaken = await deps.db.transaction().execute(async (tx) => {
    // Another server's came a moment before: the two meet at the next look, which that one's rings for.
    if ((await readLists(tx, person)).some(({ agreed }) => agreed.deletedAt === null && agreed.name.value === name)) return true;
    await writeList(tx, list, readMs);
    await writePlace(tx, place);
    return false;
  });
  if (isTaken) return;
  deps.lastSeen.set(keyOf(owner, list.id), readMs);
  deps.log.info({ server: at.name, person, list: name, entries: entries.length }, 'a playlist is new');
  deps.changed(person, at.name);
}
