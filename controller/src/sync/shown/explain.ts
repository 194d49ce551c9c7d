// Why a person's item is what it is: what is agreed, who set it and when, what each server was last seen to have, has now, and what waits for it.
import type { Kysely } from 'kysely';
import { ControllerError, messageOf } from '../../errors.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { WatchField, WatchState } from '../../neighbours/watch-state.ts';
import type { ItemIndex } from '../index/item-index.ts';
import type { People, PersonUser } from '../people/people.ts';
import type { Registers } from '../state/observe.ts';
import { planWrite } from '../state/plan-write.ts';
import { type QueueRow, rowOf } from '../state/queue-store.ts';
import { readRegisters, readShadow } from '../state/state-store.ts';
import type { Shadow, SyncTables } from '../state/sync-tables.ts';
import type { Around } from '../state/take-report.ts';
import { type LogRow, logOf } from './log-reading.ts';

export type ExplainDeps = {
  readonly db: Kysely<SyncTables>;
  readonly people: Pick<People, 'all' | 'usersOf'>;
  readonly index: Pick<ItemIndex, 'identityOf' | 'itemsOf' | 'item' | 'called'>;
  readonly servers: readonly SyncedServer[];
  readonly around: Pick<Around, 'isSynced' | 'hasField' | 'itemNamed' | 'guard'>;
};

export type ExplainedCopy = {
  readonly server: string;
  readonly user: PersonUser;
  readonly itemId: string;
  readonly name: string;
  readonly path: string | null;
  readonly shadow: Shadow | null;
  /** Null: it was not to be had, as `problem` says. */
  readonly now: WatchState | null;
  readonly problem: string | null;
  /** Fields that are not as agreed there, by `now`, else by what was last seen. */
  readonly behind: readonly WatchField[];
  /** Fields whose loss there is held until a person has answered: nobody writes to them. */
  readonly held: readonly WatchField[];
};

export type Explained = {
  readonly person: string;
  readonly identity: string;
  readonly registers: Registers;
  readonly copies: readonly ExplainedCopy[];
  /** Servers where this person has a user, but nobody has the item. */
  readonly lacking: readonly string[];
  readonly waiting: readonly QueueRow[];
  /** The newest first. */
  readonly log: readonly LogRow[];
};

export type ExplainQuery = {
  /** A person's name, or a user's on any server. */
  readonly user: string;
  /** An identity, an item's id on a server, or its title. */
  readonly item: string;
  /** Only what is there. */
  readonly server: string | null;
};

/** A person waits for the answer. */
const READ_MS = 3_000;
const LOG_ENTRIES = 20;
/** Of one title. */
const MOST_NAMED = 5;

/** @throws ControllerError not_found naming what is not known · conflict for a title that several have */
export async function explain(deps: ExplainDeps, query: ExplainQuery, signal: AbortSignal): Promise<Explained> {
  const { db, index, people } = deps;
  const names = deps.servers.map(({ name }) => name);
  if (query.server !== null && !names.includes(query.server))
    throw new ControllerError('not_found', `query.server: "${query.server}" is not kept the same; there are ${names.join(', ')}`);
  const person = personNamed(people, query.user);
  if (person === null) throw new ControllerError('not_found', `query.user: nobody is called "${query.user}" on any server`);
  const identity = await identityNamed(deps, query);
  const registers = await readRegisters(db, person, identity);
  const items = index.itemsOf(identity);
  if (items.length === 0 && Object.keys(registers).length === 0)
    throw new ControllerError('not_found', `query.item: no server has an item "${query.item}", and nothing is agreed of one`);
  const users = people.usersOf(person).filter(({ server }) => names.includes(server));
  const shown = users.filter(({ server }) => query.server === null || server === query.server);
  const until = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
  const copies = await Promise.all(
    shown.flatMap((user) =>
      items
        .filter(({ server }) => server === user.server)
        .map(({ itemId }) => explainCopy(deps, { user, itemId, registers }, until)),
    ),
  );
  const rows = await Promise.all(shown.map(({ server }) => rowOf(db, { server, person, identity })));
  return {
    ...{ person, identity, registers, copies },
    lacking: shown.map(({ server }) => server).filter((server) => !items.some((item) => item.server === server)),
    waiting: rows.flatMap((row) => row ?? []),
    log: await logOf(db, { person, identity }, LOG_ENTRIES),
  };
}

function personNamed(people: ExplainDeps['people'], user: string): string | null {
  const wanted = user.toLowerCase();
  const all = people.all();
  const known =
    all.find(({ person }) => person === wanted) ?? all.find(({ users }) => users.some(({ userId }) => userId === user));
  const byName = known ?? all.find(({ users }) => users.some(({ name }) => name.toLowerCase() === wanted));
  return byName?.person ?? null;
}

/** @throws ControllerError conflict for a title that several have */
async function identityNamed({ index, servers }: ExplainDeps, { item, server }: ExplainQuery): Promise<string> {
  if (index.itemsOf(item).length > 0) return item;
  const id = item.replaceAll('-', '').toLowerCase();
  for (const { name } of servers) {
    if (server !== null && name !== server) continue;
    const identity = index.identityOf(name, item) ?? index.identityOf(name, id);
    if (identity !== null) return identity;
  }
  const called = await index.called(item, MOST_NAMED);
  if (called.length < 2) return called[0] ?? item;
  throw new ControllerError('conflict', `query.item: more than one is called "${item}": say which, ${called.join(' or ')}`);
}

async function explainCopy(
  { db, servers, around }: ExplainDeps,
  { user, itemId, registers }: { user: PersonUser; itemId: string; registers: Registers },
  signal: AbortSignal,
): Promise<ExplainedCopy> {
  const { server, userId } = user;
  const place = { server, userId, itemId };
  const shadow = await readShadow(db, place);
  const read = await readLive(
    servers.find(({ name }) => name === server),
    { userId, itemId },
    signal,
  );
  const may = (field: WatchField): boolean => around.isSynced(field) && around.hasField(place, field);
  const plan = planWrite(registers, read.now ?? shadow?.seen ?? {}, may) ?? {};
  return {
    ...{ server, user, itemId, shadow, ...around.itemNamed(server, itemId), ...read },
    behind: Object.keys(plan) as WatchField[],
    held: (await around.guard?.heldAt(db, place)) ?? [],
  };
}

async function readLive(
  server: SyncedServer | undefined,
  { userId, itemId }: { userId: string; itemId: string },
  signal: AbortSignal,
): Promise<{ readonly now: WatchState | null; readonly problem: string | null }> {
  if (server === undefined) return { now: null, problem: 'it is not configured' };
  try {
    return { now: await server.state(userId, itemId, signal), problem: null };
  } catch (error) {
    return { now: null, problem: signal.aborted ? `no answer within ${READ_MS / 1_000} s` : messageOf(error) };
  }
}
