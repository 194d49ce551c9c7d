// Playlists on disk: what is agreed, what each server was last seen to have, what was written. Calls run inside the transaction that is handed in.
import { randomUUID } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import type { AgreedList, SeenList } from './merge-lists.ts';

export type ListTables = {
  sync_lists: { id: string; person: string; agreed: string; updated_ms: number };
  sync_list_places: {
    server: string;
    user_id: string;
    list: string;
    list_id: string | null;
    seen: string | null;
    writing: string | null;
    read_ms: number;
    tried: string | null;
    due_ms: number;
    attempts: number;
    problem: string | null;
  };
  sync_list_log: {
    id: string;
    at_ms: number;
    person: string;
    list: string;
    target: string;
    before: string | null;
    after: string | null;
    message: string;
  };
};

type Tx = Kysely<ListTables>;

/** One person's list. */
export type StoredList = { readonly id: string; readonly person: string; readonly agreed: AgreedList };

/** Where a list is, or is to be. */
export type PlaceKey = { readonly server: string; readonly userId: string; readonly list: string };
export type ListPlace = PlaceKey & {
  /** As that server calls it; null until it is there. */
  readonly listId: string | null;
  /** Null: never seen. */
  readonly seen: SeenList | null;
  /** What we began to write and have not read back. */
  readonly writing: SeenList | 'delete' | null;
  /** When it was last seen, or last found to be as before; UTC ms. */
  readonly readMs: number;
  /** What was tried last and did not do; it is not tried again before `dueMs`. */
  readonly tried: string | null;
  readonly dueMs: number;
  readonly attempts: number;
  /** Why it is not as agreed, for people. */
  readonly problem: string | null;
};

export const newPlace = (key: PlaceKey, readMs: number): ListPlace => ({
  ...key,
  ...{ listId: null, seen: null, writing: null, readMs, tried: null, dueMs: 0, attempts: 0, problem: null },
});

const listOf = (row: Selectable<ListTables['sync_lists']>): StoredList => ({
  id: row.id,
  person: row.person,
  agreed: JSON.parse(row.agreed) as AgreedList,
});

const parsed = <Value>(text: string | null): Value | null => (text === null ? null : (JSON.parse(text) as Value));
const written = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

// PostgreSQL gives a bigint as text.
const placeOf = (row: Selectable<ListTables['sync_list_places']>): ListPlace => ({
  ...{ server: row.server, userId: row.user_id, list: row.list, listId: row.list_id },
  seen: parsed(row.seen),
  writing: parsed(row.writing),
  ...{ readMs: Number(row.read_ms), tried: row.tried, dueMs: Number(row.due_ms) },
  ...{ attempts: row.attempts, problem: row.problem },
});

/** Of one person, or of all. */
export async function readLists(tx: Tx, person: string | null): Promise<readonly StoredList[]> {
  const query = tx.selectFrom('sync_lists').selectAll().orderBy('id');
  const rows = await (person === null ? query : query.where('person', '=', person)).execute();
  return rows.map(listOf);
}

/** Null: it is gone everywhere. */
export async function readList(tx: Tx, id: string): Promise<StoredList | null> {
  const row = await tx.selectFrom('sync_lists').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : listOf(row);
}

export async function writeList(tx: Tx, { id, person, agreed }: StoredList, nowMs: number): Promise<void> {
  const row = { person, agreed: JSON.stringify(agreed), updated_ms: nowMs };
  await tx
    .insertInto('sync_lists')
    .values({ id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

export async function readPlaces(
  tx: Tx,
  of: { readonly server?: string; readonly list?: string } = {},
): Promise<readonly ListPlace[]> {
  let query = tx.selectFrom('sync_list_places').selectAll();
  if (of.server !== undefined) query = query.where('server', '=', of.server);
  if (of.list !== undefined) query = query.where('list', '=', of.list);
  return (await query.execute()).map(placeOf);
}

export async function writePlace(tx: Tx, place: ListPlace): Promise<void> {
  const row = {
    list_id: place.listId,
    seen: written(place.seen),
    writing: written(place.writing),
    ...{ read_ms: place.readMs, tried: place.tried, due_ms: place.dueMs, attempts: place.attempts, problem: place.problem },
  };
  await tx
    .insertInto('sync_list_places')
    .values({ server: place.server, user_id: place.userId, list: place.list, ...row })
    .onConflict((conflict) => conflict.columns(['server', 'user_id', 'list']).doUpdateSet(row))
    .execute();
}

/** A list that was deleted is forgotten with the last of its places. */
export async function dropPlace(tx: Tx, { server, userId, list }: PlaceKey): Promise<void> {
  await tx
    .deleteFrom('sync_list_places')
    .where('server', '=', server)
    .where('user_id', '=', userId)
    .where('list', '=', list)
    .execute();
  const stored = await readList(tx, list);
  if (stored === null || stored.agreed.deletedAt === null) return;
  const left = await readPlaces(tx, { list });
  if (left.some(({ listId, writing }) => listId !== null || writing !== null)) return;
  await tx.deleteFrom('sync_list_places').where('list', '=', list).execute();
  await tx.deleteFrom('sync_lists').where('id', '=', list).execute();
}

export type ListLogEntry = {
  readonly id: string;
  readonly atMs: number;
  readonly person: string;
  readonly list: string;
  readonly target: string;
  /** Null: it was not there, or is not any more. */
  readonly before: SeenList | null;
  readonly after: SeenList | null;
  readonly message: string;
};

/** Of what was written, only so much is kept. */
const KEPT = 1_000;

export async function writeListLog(tx: Tx, { atMs, before, after, ...entry }: Omit<ListLogEntry, 'id'>): Promise<void> {
  await tx
    .insertInto('sync_list_log')
    .values({ id: randomUUID(), at_ms: atMs, ...entry, before: written(before), after: written(after) })
    .execute();
  const oldest = await tx
    .selectFrom('sync_list_log')
    .select('at_ms')
    .orderBy('at_ms', 'desc')
    .offset(KEPT)
    .limit(1)
    .executeTakeFirst();
  if (oldest !== undefined) await tx.deleteFrom('sync_list_log').where('at_ms', '<=', oldest.at_ms).execute();
}

/** The newest first. */
export async function readListLog(tx: Tx, most: number): Promise<readonly ListLogEntry[]> {
  const rows = await tx.selectFrom('sync_list_log').selectAll().orderBy('at_ms', 'desc').limit(most).execute();
  return rows.map(entryOf);
}

export async function readLogged(tx: Tx, id: string): Promise<ListLogEntry | null> {
  const row = await tx.selectFrom('sync_list_log').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : entryOf(row);
}

/** The newest first. UTC ms, both included; null: whoever, wherever. */
export async function readLoggedBetween(
  tx: Tx,
  of: { readonly sinceMs: number; readonly untilMs: number; readonly person: string | null; readonly server: string | null },
): Promise<readonly ListLogEntry[]> {
  let query = tx.selectFrom('sync_list_log').selectAll().where('at_ms', '>=', of.sinceMs).where('at_ms', '<=', of.untilMs);
  if (of.person !== null) query = query.where('person', '=', of.person);
  if (of.server !== null) query = query.where('target', '=', of.server);
  return (await query.orderBy('at_ms', 'desc').execute()).map(entryOf);
}

const entryOf = (row: Selectable<ListTables['sync_list_log']>): ListLogEntry => ({
  ...{ id: row.id, atMs: Number(row.at_ms), person: row.person, list: row.list, target: row.target, message: row.message },
  ...{ before: parsed<SeenList>(row.before), after: parsed<SeenList>(row.after) },
});
