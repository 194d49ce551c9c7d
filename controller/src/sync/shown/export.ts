// All that is agreed and seen as lines of JSON: a backup that a person can read, made page by page while all else goes on.
import { setImmediate as turn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { ItemIndex } from '../index/item-index.ts';
import { nameOf } from '../learn-item.ts';
import type { People } from '../people/people.ts';
import { type ListTables, readLists, readPlaces } from '../playlists/list-store.ts';
import { latest } from '../playlists/merge-lists.ts';
import type { Register } from '../state/observe.ts';
import { type SyncTables, toRegisters, toShadow } from '../state/sync-tables.ts';
import { FIELDS } from '../state/watch-fields.ts';
import { nameOfField, valueView, viewState } from './state-view.ts';

export type ExportDeps = {
  readonly db: Kysely<SyncTables>;
  readonly people: Pick<People, 'all'>;
  readonly index: Pick<ItemIndex, 'itemsOf'>;
  nowMs(): number;
};

/** Some ms of everybody's time. */
const AT_ONCE = 500;

const line = (value: object): string => `${JSON.stringify(value)}\n`;
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** Each chunk is whole lines. What changes meanwhile is in it as it was, or as it is. */
export async function* exportLines(deps: ExportDeps, signal: AbortSignal): AsyncGenerator<string> {
  yield line({ kind: 'headgate-sync', version: 1, at: iso(deps.nowMs()) });
  for (const { person, users } of deps.people.all())
    for (const { server, userId, name } of users) yield line({ kind: 'user', person, server, user_id: userId, name });
  yield* registers(deps, signal);
  yield* shadows(deps, signal);
  yield* playlists(deps, signal);
  yield line({ kind: 'end' });
}

async function* registers({ db, index }: ExportDeps, signal: AbortSignal): AsyncGenerator<string> {
  for (let [person, identity] = ['', '']; ; await turn()) {
    signal.throwIfAborted();
    const [afterPerson, afterIdentity] = [person, identity];
    const rows = await db
      .selectFrom('sync_registers')
      .select(['person', 'identity', 'registers'])
      .where((where) =>
        where.or([
          where('person', '>', afterPerson),
          where.and([where('person', '=', afterPerson), where('identity', '>', afterIdentity)]),
        ]),
      )
      .orderBy('person')
      .orderBy('identity')
      .limit(AT_ONCE)
      .execute();
    if (rows.length === 0) return;
    yield rows.map((row) => line(agreed(index, row))).join('');
    const last = rows.at(-1);
    if (last === undefined || rows.length < AT_ONCE) return;
    [person, identity] = [last.person, last.identity];
  }
}

function agreed(index: ExportDeps['index'], row: { person: string; identity: string; registers: string }) {
  const known = toRegisters(row.registers);
  const fields = FIELDS.flatMap((field) => {
    const register: Register | undefined = known[field];
    if (register === undefined) return [];
    const { value, at } = register;
    return [[nameOfField(field), { value: valueView(field, value), set_at: iso(at.ms), count: at.count, set_by: at.origin }]];
  });
  const name = titleOf(index, row.identity);
  return { kind: 'agreed', person: row.person, item: row.identity, name, fields: Object.fromEntries(fields) as object };
}

async function* shadows({ db, people }: ExportDeps, signal: AbortSignal): AsyncGenerator<string> {
  for (const { server, userId } of people.all().flatMap(({ users }) => users))
    for (let after = ''; ; await turn()) {
      signal.throwIfAborted();
      const rows = await db
        .selectFrom('sync_shadows')
        .select(['item_id', 'seen', 'hook_ms', 'read_ms'])
        .where('server', '=', server)
        .where('user_id', '=', userId)
        .where('item_id', '>', after)
        .orderBy('item_id')
        .limit(AT_ONCE)
        .execute();
      if (rows.length > 0) yield rows.map((row) => line(seen({ server, userId, row }))).join('');
      const last = rows.at(-1);
      if (last === undefined || rows.length < AT_ONCE) break;
      after = last.item_id;
    }
}

type SeenRow = {
  readonly server: string;
  readonly userId: string;
  readonly row: { item_id: string; seen: string; hook_ms: number | null; read_ms: number | null };
};

function seen({ server, userId, row }: SeenRow) {
  const shadow = toShadow(row);
  return {
    ...{ kind: 'seen', server, user_id: userId, item_id: row.item_id },
    state: viewState(shadow.seen),
    read_at: iso(shadow.readMs),
  };
}

/** What is agreed of each list, and what of it is where. */
async function* playlists({ db, index }: ExportDeps, signal: AbortSignal): AsyncGenerator<string> {
  // One database holds all tables.
  const lists = db as unknown as Kysely<ListTables>;
  for (const { id, person, agreed } of await readLists(lists, null)) {
    signal.throwIfAborted();
    const places = await readPlaces(lists, { list: id });
    yield line({
      ...{ kind: 'playlist', id, person, name: agreed.name.value, set_at: iso(latest(agreed).ms) },
      deleted_at: iso(agreed.deletedAt?.ms ?? null),
      entries: agreed.entries.map(({ identity }) => ({ item: identity, name: titleOf(index, identity) })),
      servers: places.map(({ server, userId, listId, seen: there, problem }) => ({
        ...{ server, user_id: userId, playlist_id: listId, problem },
        entries: there?.entries.map(({ itemId }) => itemId) ?? null,
      })),
    });
    await turn();
  }
}

function titleOf(index: ExportDeps['index'], identity: string): string | null {
  const [item] = index.itemsOf(identity);
  return item === undefined ? null : nameOf(item);
}
