// Users who are made on one server are made on the others, and deleted there when a person said so. Nothing before the report of the first meeting was confirmed.
import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import { isAbort, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { createBell } from '../../neighbours/bell.ts';
import type { SyncEvent } from '../sync-event.ts';
import { changeDeparture, type Departure, departures, dropDeparture, forgetPerson } from './departure-store.ts';
import { confirmation, madeUsers } from './made-store.ts';
import { type MakeDeps, makeUser } from './make-user.ts';
import { type People, personNamed, type UserMap } from './people.ts';
import type { UserTables } from './people-tables.ts';
import { type Missing, missingUsers, type UserServer } from './plan-users.ts';
import { isDue, removeUser } from './remove-user.ts';
import { goneEvent, madeEvent, notMadeEvent, removedEvent } from './user-events.ts';

export type UserSyncDeps = MakeDeps & {
  readonly db: Kysely<UserTables>;
  readonly people: Pick<People, 'all' | 'usersOf'>;
  /** As configured. */
  readonly servers: readonly UserServer[];
  readonly map: UserMap;
  /** Asks a server anew who is there. @throws ControllerError of the server */
  refresh(server: string, signal: AbortSignal): Promise<void>;
  /** Nothing is made or deleted. */
  isPaused(): boolean;
  readonly tell: (event: SyncEvent) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type UserSync = {
  /** People came, went or were decided about. */
  ring(): void;
  /** Until the signal fires. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

const LOOK_MS = 60_000;

export function createUserSync(deps: UserSyncDeps): UserSync {
  const bell = createBell(deps.clock);
  return {
    ring: bell.ring,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await lookOnce(deps, signal);
          await bell.wait(LOOK_MS, signal);
        } catch (error) {
          if (isAbort(error) || signal.aborted) return;
          deps.log.error({ error: messageOf(error) }, 'sync: users could not be looked after');
          await deps.clock.sleep(LOOK_MS, signal).catch(() => {});
        }
      }
    },
  };
}

async function lookOnce(deps: UserSyncDeps, signal: AbortSignal): Promise<void> {
  const { db, people } = deps;
  const rows = await departures(db);
  for (const row of rows) {
    // Nobody is left to be decided about.
    if (people.usersOf(row.person).length === 0) await dropDeparture(db, row.id);
    else if (row.told === 0) {
      deps.tell(goneEvent(row));
      await changeDeparture(db, row.id, { told: 1 });
    }
  }
  if (deps.isPaused() || (await confirmation(db)) === null) return;
  for (const row of rows.filter((one) => isDue(one, deps.nowMs()))) await remove(deps, row, signal);
  for (const missing of await unfinished(deps)) await makeOne(deps, missing, signal);
  const { servers, map } = deps;
  const undecided = undecidedOf(map, await departures(db));
  for (const missing of missingUsers({ servers, map, undecided, people: people.all() })) await makeOne(deps, missing, signal);
}

/** Half made: their servers list them as if all were well. */
async function unfinished({ db, people }: UserSyncDeps): Promise<readonly Missing[]> {
  const rows = (await madeUsers(db)).filter(({ status }) => status === 'making');
  return rows.flatMap(({ server, person, name, source: from }) => {
    const others = people.usersOf(person).filter((user) => user.server !== server);
    const source = others.find((user) => user.server === from) ?? others[0];
    return source === undefined ? [] : [{ server, person, name, source }];
  });
}

/** Who goes by another name somewhere is not made by either name. */
const undecidedOf = (map: UserMap, rows: readonly Departure[]): ReadonlySet<string> =>
  new Set(
    rows.flatMap(({ person, status, server, name }) =>
      status === 'renamed' ? [person, personNamed(map, server, name)] : [person],
    ),
  );

async function makeOne(deps: UserSyncDeps, missing: Missing, signal: AbortSignal): Promise<void> {
  const result = await makeUser(deps, missing, signal);
  if (result.outcome === 'failed' && result.isNew) deps.tell(notMadeEvent(missing, result.problem));
  if (result.outcome === 'made') {
    deps.tell(madeEvent(missing, result));
    deps.log.info({ server: missing.server, person: missing.person }, 'sync: a user was made; passwords cannot be synced');
  }
  if (result.outcome === 'made' || result.outcome === 'there') await refreshed(deps, missing.server, signal);
}

async function remove(deps: UserSyncDeps, row: Departure, signal: AbortSignal): Promise<void> {
  let isDone = true;
  for (const user of deps.people.usersOf(row.person)) {
    const at = deps.server(user.server);
    const direction = deps.servers.find(({ name }) => name === user.server)?.direction ?? 'source';
    if (at === null || direction === 'source') continue;
    const result = await removeUser(at, user, signal);
    if (result.outcome === 'later') {
      deps.log.warn({ server: user.server, person: row.person, problem: result.problem }, 'sync: a user cannot be deleted yet');
      isDone = false;
      continue;
    }
    if (result.outcome === 'stays')
      deps.log.info({ server: user.server, person: row.person }, `sync: the user ${result.why}, and stays`);
    if (result.outcome === 'deleted') deps.tell(removedEvent(user, row.person));
    await refreshed(deps, user.server, signal);
  }
  if (!isDone) return;
  if (deps.people.usersOf(row.person).length === 0) await forgetPerson(deps.db, row.person);
  await changeDeparture(deps.db, row.id, { status: 'done' });
}

/** The next look asks again. */
async function refreshed({ refresh, log }: UserSyncDeps, server: string, signal: AbortSignal): Promise<void> {
  try {
    await refresh(server, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    log.debug({ server, error: messageOf(error) }, 'who is there could not be asked');
  }
}
