// Brings one list of one server to what is agreed: as little as must be, kept before it is begun, read back after it. What may not be done waits and says so.
import { createHash } from 'node:crypto';
import { ControllerError, messageOf } from '../../errors.ts';
import { failureKind } from '../../neighbours/server-failure.ts';
import { createTurns } from '../../neighbours/turns.ts';
import { backOffMs } from '../state/back-off.ts';
import { dropPlace, type ListPlace, type StoredList, writeListLog, writePlace } from './list-store.ts';
import type { ListOwner, ListsDeps } from './lists-deps.ts';
import { type AgreedList, afterCutOff, isSameList, type SeenList, wantedThere } from './merge-lists.ts';
import { broughtThere, withTheirs } from './mirror-list.ts';
import { keysOf } from './place-entries.ts';
import { itemsThere, readEntries, type Visible } from './seen-entries.ts';

export type BringDeps = ListsDeps & {
  readonly has: Visible;
  /** As far as was found lately. */
  readonly lacks: Visible;
};

export type Bringing = {
  readonly list: StoredList;
  readonly place: ListPlace;
  readonly now: SeenList;
  /** What counted as seen there before. */
  readonly base: SeenList;
};

/** A log-in, or a person's own doing, may make it possible at any time. */
const REFUSED_AGAIN_MS = 300_000;
/** Reading a state takes some 10 ms, and a new list has hundreds. */
const AT_ONCE = 8;

/** @throws ControllerError where the server is away */
export async function bringList(deps: BringDeps, owner: ListOwner, bringing: Bringing, signal: AbortSignal): Promise<void> {
  const { list, place, now, base } = bringing;
  const { name: server } = owner.at;
  if (list.agreed.deletedAt !== null) return await deleteThere(deps, owner, bringing, signal);
  const agreed = deps.isSource(server) ? list.agreed : withTheirs(list.agreed, { base, now });
  const wanted = await reachable(deps, owner, { agreed, now }, signal);
  if (isSameList(wanted, now)) {
    if (place.problem !== null || place.tried !== null) await keep(deps, settled(place, null));
    return;
  }
  const attempt = await begin(deps, owner, { list, place, now, wanted });
  if (attempt === null) return;
  await attempting(deps, attempt, async () => {
    const refused = await write(owner, { place, now, wanted }, signal);
    const after = await readBack(deps, owner, { attempt, now, wanted }, signal);
    const seen = deps.isSource(server) ? afterCutOff(now, wanted, after) : broughtThere(list.agreed, { base, now: after });
    const problem = refused ?? (isSameList(after, wanted) ? null : 'what was written reads back otherwise');
    const done = refused === null ? settled(attempt, problem, deps.clock.now()) : waiting(attempt, refused, deps.clock.now());
    await note(deps, owner, { list, place: { ...done, seen, writing: null }, before: now, after });
  });
}

/** Of what is agreed, what this user has there. @throws ControllerError of the server */
export async function reachable(
  deps: BringDeps,
  owner: ListOwner,
  { agreed, now }: { readonly agreed: AgreedList; readonly now: SeenList },
  signal: AbortSignal,
): Promise<SeenList> {
  const there = itemsThere(deps, owner.at.name);
  const [sure, lacking] = [new Set(now.entries.map(({ itemId }) => itemId)), new Set<string>()];
  const turns = createTurns(AT_ONCE);
  for (;;) {
    const wanted = wantedThere(agreed, now, (identity) => there(identity).filter((itemId) => !lacking.has(itemId)));
    const before = lacking.size;
    const unsure = new Set(wanted.entries.flatMap(({ itemId }) => (sure.has(itemId) ? [] : [itemId])));
    // What is added unseen stands there hidden, and would be added again and again.
    await Promise.all(
      [...unsure].map((itemId) =>
        turns.take(signal, async () => {
          if (await deps.lacks(owner, itemId, signal)) lacking.add(itemId);
          sure.add(itemId);
        }),
      ),
    );
    if (lacking.size === before) return wanted;
  }
}

/** Null: it was tried already, and is not due again. What is begun is on disk. */
export async function begin(
  deps: BringDeps,
  { at, user, person }: ListOwner,
  { list, place, now, wanted }: Omit<Bringing, 'base'> & { readonly wanted: SeenList | 'delete' },
): Promise<ListPlace | null> {
  const { clock, log, isDryRun } = deps;
  const tried = createHash('sha256')
    .update(JSON.stringify([wanted, now, user.token !== null, isDryRun()]))
    .digest('base64');
  const isSame = place.tried === tried;
  if (isSame && (isDryRun() || place.dueMs > clock.now())) return null;
  const begun: ListPlace = { ...place, tried, attempts: isSame ? place.attempts : 0, writing: wanted };
  if (!isDryRun()) {
    await keep(deps, begun);
    return begun;
  }
  await keep(deps, { ...begun, writing: place.writing, problem: 'dry run: nothing is written' });
  const what = wanted === 'delete' ? 'it would be deleted' : { name: wanted.name, entries: wanted.entries.length };
  log.info({ server: at.name, person, list: list.agreed.name.value, what }, 'dry run: a playlist would be written');
  return null;
}

/** What fails by itself is tried again, later each time; `writing` stays, since nobody knows how far it came. @throws ControllerError where the server is away */
export async function attempting(deps: BringDeps, place: ListPlace, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ControllerError) || failureKind(error) !== 'failed' || error.code === 'storage_failed') throw error;
    const failed =
      error.code === 'denied'
        ? waiting(place, messageOf(error), deps.clock.now())
        : settled(place, messageOf(error), deps.clock.now());
    await keep(deps, failed);
  }
}

/** @returns why not all of it could be done; null: it was. */
async function write(
  { at, user }: ListOwner,
  { place, now, wanted }: { readonly place: ListPlace; readonly now: SeenList; readonly wanted: SeenList },
  signal: AbortSignal,
): Promise<string | null> {
  const listId = place.listId ?? '';
  const ids = wanted.entries.map(({ itemId }) => itemId);
  let refused: string | null = null;
  if (ids.join() !== now.entries.map(({ itemId }) => itemId).join()) {
    refused = await unlessDenied(() => at.playlists.rewrite(user, listId, ids, signal));
    // What is new is there at least, if only at the end.
    const missing = refused === null ? [] : missingOf(now, wanted);
    if (missing.length > 0) await at.playlists.add(user, listId, missing, signal);
  }
  if (wanted.name === now.name) return refused;
  return (await unlessDenied(() => at.playlists.rename(user, listId, wanted.name, signal))) ?? refused;
}

async function unlessDenied(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof ControllerError && error.code === 'denied') return messageOf(error);
    throw error;
  }
}

function missingOf(now: SeenList, wanted: SeenList): readonly string[] {
  const [standing, keys] = [now, wanted].map(({ entries }) => keysOf(entries.map(({ identity }) => identity)));
  const there = new Set(standing);
  return wanted.entries.flatMap(({ itemId }, index) => (there.has(keys?.[index] ?? '') ? [] : [itemId]));
}

export async function readBack(
  deps: BringDeps,
  owner: ListOwner,
  { attempt, now, wanted }: { readonly attempt: ListPlace; readonly now: SeenList; readonly wanted: SeenList },
  signal: AbortSignal,
): Promise<SeenList> {
  const listId = attempt.listId ?? '';
  const entries = await readEntries(
    deps,
    owner,
    { listId, seen: { name: '', entries: [...now.entries, ...wanted.entries] } },
    signal,
  );
  if (wanted.name === now.name) return { name: now.name, entries };
  const lists = await owner.at.playlists.lists(owner.user, signal);
  return { name: lists.find(({ id }) => id === listId)?.name ?? now.name, entries };
}

async function deleteThere(
  deps: BringDeps,
  owner: ListOwner,
  { list, place, now }: Bringing,
  signal: AbortSignal,
): Promise<void> {
  const attempt = await begin(deps, owner, { list, place, now, wanted: 'delete' });
  const { listId } = place;
  if (attempt === null || listId === null) return;
  await attempting(deps, attempt, async () => {
    await owner.at.playlists.delete(owner.user, listId, signal);
    // One that is there still would be taken for a new one.
    const left = await owner.at.playlists.lists(owner.user, signal);
    if (left.some(({ id }) => id === listId))
      return await keep(deps, settled(attempt, 'it was deleted and is there still', deps.clock.now()));
    await note(deps, owner, { list, place: null, gone: attempt, before: now, after: null });
  });
}

type Noted = {
  readonly list: StoredList;
  readonly before: SeenList | null;
  readonly after: SeenList | null;
} & ({ readonly place: ListPlace } | { readonly place: null; readonly gone: ListPlace });

/** What was done, and what is there now, in one transaction. */
export async function note(deps: BringDeps, { at, person }: ListOwner, noted: Noted): Promise<void> {
  const { list, place, before, after } = noted;
  await deps.db.transaction().execute(async (tx) => {
    const message = place?.problem ?? 'synced';
    await writeListLog(tx, { atMs: deps.clock.now(), person, list: list.id, target: at.name, before, after, message });
    if (place === null) await dropPlace(tx, noted.gone);
    else await writePlace(tx, place);
  });
}

export const keep = async ({ db }: Pick<ListsDeps, 'db'>, place: ListPlace): Promise<void> =>
  await db.transaction().execute((tx) => writePlace(tx, place));

export function settled(place: ListPlace, problem: string | null, nowMs = 0): ListPlace {
  if (problem === null) return { ...place, problem, tried: null, attempts: 0, dueMs: 0 };
  const attempts = place.attempts + 1;
  return { ...place, problem, attempts, dueMs: nowMs + backOffMs(attempts) };
}

const waiting = (place: ListPlace, problem: string, nowMs: number): ListPlace => ({
  ...place,
  problem,
  dueMs: nowMs + REFUSED_AGAIN_MS,
});
