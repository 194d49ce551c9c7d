// One list on one server: reads it, takes what was done there into what is agreed, and brings it to that.
import { type BringDeps, bringList, keep, settled } from './bring-list.ts';
import { type ListPlace, readList, type StoredList, writeList, writeListLog, writePlace } from './list-store.ts';
import type { ListOwner } from './lists-deps.ts';
import { afterCutOff, isSameList, type Merged, meetList, mergeList, type SeenList } from './merge-lists.ts';
import { broughtThere } from './mirror-list.ts';
import { readEntries } from './seen-entries.ts';

export type Visited = {
  readonly list: StoredList;
  readonly place: ListPlace;
  /** As that server lists it. */
  readonly listed: { readonly id: string; readonly name: string };
};

const NOTHING: SeenList = { name: '', entries: [] };

/** @throws ControllerError of the server */
export async function visitList(deps: BringDeps, owner: ListOwner, visited: Visited, signal: AbortSignal): Promise<void> {
  const { listed, place: before } = visited;
  const { name: server } = owner.at;
  const readMs = deps.clock.now();
  const entries = await readEntries(deps, owner, { listId: listed.id, seen: before.seen }, signal);
  const now: SeenList = { name: listed.name, entries };
  const gone = deps.isSource(server) ? await goneItems(deps, owner, { seen: before.seen, now }, signal) : new Set<string>();
  const taken = await take(deps, server, { visited, now, gone, readMs }, signal);
  if (taken === null) return;
  const { list, place, merged, base } = taken;
  if (merged.agreed !== taken.agreedBefore) {
    deps.log.info({ server, person: owner.person, list: now.name, ...merged.change }, 'a playlist was changed');
    deps.changed(owner.person, server);
  }
  if (deps.isTarget(server)) await bringList(deps, owner, { list, place, now, base }, signal);
  else if (place.problem !== null) await keep(deps, settled(place, null));
}

/** Of what is missing, what this user does not have any more at all, or what stands there still as another film: nobody took that out. */
async function goneItems(
  { has }: BringDeps,
  owner: ListOwner,
  { seen, now }: { readonly seen: SeenList | null; readonly now: SeenList },
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const there = new Map(now.entries.map(({ itemId, identity }) => [itemId, identity]));
  const gone = new Set<string>();
  const asked = new Set<string>();
  for (const { itemId, identity } of seen?.entries ?? []) {
    const named = there.get(itemId);
    if (named !== undefined && named !== identity) gone.add(itemId);
    if (named !== undefined || asked.has(itemId)) continue;
    asked.add(itemId);
    if (!(await has(owner, itemId, signal))) gone.add(itemId);
  }
  return gone;
}

type Reading = {
  readonly visited: Visited;
  readonly now: SeenList;
  readonly gone: ReadonlySet<string>;
  readonly readMs: number;
};

type Taken = {
  readonly list: StoredList;
  readonly place: ListPlace;
  readonly base: SeenList;
  readonly merged: Merged;
  readonly agreedBefore: Merged['agreed'];
};

const unchanged = { renamed: false, added: 0, removed: 0, moved: 0 };

/** In one transaction, with what is agreed by now. Null: it was forgotten meanwhile. */
async function take(
  { agree, isSource }: BringDeps,
  server: string,
  { visited, now, gone, readMs }: Reading,
  signal: AbortSignal,
): Promise<Taken | null> {
  const { place: before, listed } = visited;
  return await agree(signal, async (tx) => {
    const stored = await readList(tx, visited.list.id);
    if (stored === null) return null;
    const isMeeting = before.seen === null && before.writing === null;
    const base = baseOf(before, now);
    const observed = { base, now, isGone: (itemId: string) => gone.has(itemId), ms: readMs, origin: server };
    let merged: Merged = { agreed: stored.agreed, change: unchanged };
    if (isSource(server)) merged = isMeeting ? meetList(stored.agreed, now, readMs, server) : mergeList(stored.agreed, observed);
    const list = { ...stored, agreed: merged.agreed };
    if (merged.agreed !== stored.agreed) await writeList(tx, list, readMs);
    if (isMeeting && isSource(server)) {
      const message = `met its like: ${merged.change.added} of its ${now.entries.length} entries were new`;
      const met = { atMs: readMs, person: stored.person, list: stored.id, target: server, before: now, after: now };
      await writeListLog(tx, { ...met, message });
    }
    const seen = isSource(server) ? now : broughtThere(merged.agreed, { base, now });
    const place: ListPlace = { ...before, listId: listed.id, seen, writing: null, readMs };
    // When it was last seen is on disk with the next change only: looking costs no writing.
    if (!isAsKept(before, place)) await writePlace(tx, place);
    return { list, place, base, merged, agreedBefore: stored.agreed };
  });
}

function baseOf({ seen, writing }: ListPlace, now: SeenList): SeenList {
  if (writing !== null && writing !== 'delete') return afterCutOff(seen ?? NOTHING, writing, now);
  return seen ?? { name: now.name, entries: [] };
}

const isAsKept = (before: ListPlace, after: ListPlace): boolean =>
  before.listId === after.listId &&
  before.writing === null &&
  before.seen !== null &&
  after.seen !== null &&
  isSameList(before.seen, after.seen) &&
  before.seen.entries.every(({ identity }, index) => identity === after.seen?.entries[index]?.identity);
