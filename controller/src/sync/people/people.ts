// Who is who: the users of all servers that are one person. Kept on disk, so that a server that is away is not forgotten.
import type { Kysely } from 'kysely';
import type { SyncedServer, SyncedUser } from '../../neighbours/synced-server.ts';
import { createTurns, type Turns } from '../../neighbours/turns.ts';

export type PeopleTables = {
  sync_users: { server: string; user_id: string; name: string; person: string; is_admin: number; is_disabled: number };
};

export type PersonUser = {
  readonly server: string;
  readonly userId: string;
  /** As that server spells it. */
  readonly name: string;
  readonly isAdministrator: boolean;
  readonly isDisabled: boolean;
};

/** Persons by name in the configuration, each with their user's name where it is another: `{ dad: { cabin: 'Father' } }`. */
export type UserMap = Readonly<Record<string, Readonly<Record<string, string>>>>;

export type People = {
  /** Null: that server told of no such user. */
  personOf(server: string, userId: string): string | null;
  /** The id of a server's user, whatever the letters' case. */
  userNamed(server: string, name: string): string | null;
  usersOf(person: string): readonly PersonUser[];
  /** All that are known, by name. */
  all(): readonly { readonly person: string; readonly users: readonly PersonUser[] }[];
  /** Asks a server who is there; one after the other, so that no older list comes last. Answers with what it changed. @throws ControllerError of the server */
  ask(server: Pick<SyncedServer, 'name' | 'users'>, signal: AbortSignal): ReturnType<People['refresh']>;
  /** What a server's list of users says now. Answers with what it changed. */
  refresh(
    server: string,
    users: readonly SyncedUser[],
  ): Promise<{ readonly came: readonly PersonUser[]; readonly gone: readonly PersonUser[] }>;
};

/** Of one server, in the transaction that writes it down. */
export type PeopleChange = {
  readonly server: string;
  readonly came: readonly NamedUser[];
  readonly gone: readonly NamedUser[];
  /** Users who are another person by their name now, as they were and are. */
  readonly renamed: readonly { readonly before: NamedUser; readonly after: NamedUser }[];
};

export type NamedUser = PersonUser & { readonly person: string };

/** One person, whatever the letters' case; a name that the map gives to somebody else is that one's. */
export function personNamed(map: UserMap, server: string, name: string): string {
  const lower = name.toLowerCase();
  for (const [person, names] of Object.entries(map)) if (names[server]?.toLowerCase() === lower) return person.toLowerCase();
  return lower;
}

export type FollowPeople = (tx: Kysely<PeopleTables>, change: PeopleChange) => Promise<void>;

export async function openPeople(
  db: Kysely<PeopleTables>,
  { map, skipped, follow }: { map: UserMap; skipped: readonly string[]; follow?: FollowPeople | undefined },
): Promise<People> {
  const users = new Map<string, Map<string, PersonUser>>();
  const serverOf = (server: string): Map<string, PersonUser> => {
    const known = users.get(server) ?? new Map<string, PersonUser>();
    users.set(server, known);
    return known;
  };
  for (const row of await db.selectFrom('sync_users').selectAll().execute())
    serverOf(row.server).set(row.user_id, {
      ...{ server: row.server, userId: row.user_id, name: row.name },
      ...{ isAdministrator: row.is_admin === 1, isDisabled: row.is_disabled === 1 },
    });
  // The map may be another than when the row was written.
  const personOf = ({ server, name }: PersonUser): string => personNamed(map, server, name);
  const isSkipped = (user: PersonUser): boolean => skipped.includes(personOf(user));
  const known = (): readonly PersonUser[] =>
    [...users.values()].flatMap((one) => [...one.values()]).filter((user) => !isSkipped(user));
  const turns = new Map<string, Turns>();
  const refresh: People['refresh'] = async (server, told) => {
    const before = serverOf(server);
    const now = new Map(
      told.map(({ id, name, isAdministrator, isDisabled }) => [id, { server, userId: id, name, isAdministrator, isDisabled }]),
    );
    const came = [...now.values()].filter(({ userId }) => !before.has(userId));
    const gone = [...before.values()].filter(({ userId }) => !now.has(userId));
    const changed = [...now.values()].filter((user) => !isEqual(user, before.get(user.userId)));
    const kept = (some: readonly PersonUser[]): readonly NamedUser[] =>
      some.filter((user) => !isSkipped(user)).map((user) => ({ ...user, person: personOf(user) }));
    const renamed = kept(changed).flatMap((after) => {
      const [old] = kept([before.get(after.userId)].filter((user) => user !== undefined));
      return old === undefined || old.person === after.person ? [] : [{ before: old, after }];
    });
    const change = { server, came: kept(came), gone: kept(gone), renamed };
    if (changed.length + gone.length > 0)
      await writeUsers(db, { changed, gone, personOf, follow: async (tx) => await follow?.(tx, change) });
    users.set(server, now);
    return { came, gone };
  };
  return {
    ask(server, signal) {
      const inOrder = turns.get(server.name) ?? createTurns(1);
      turns.set(server.name, inOrder);
      return inOrder.take(signal, async () => refresh(server.name, await server.users(signal)));
    },
    refresh,
    personOf(server, userId) {
      const user = users.get(server)?.get(userId);
      return user === undefined || isSkipped(user) ? null : personOf(user);
    },
    userNamed(server, name) {
      const lower = name.toLowerCase();
      return [...(users.get(server)?.values() ?? [])].find((user) => user.name.toLowerCase() === lower)?.userId ?? null;
    },
    usersOf: (person) => known().filter((user) => personOf(user) === person),
    all() {
      const grouped = Map.groupBy(known(), personOf);
      return [...grouped].map(([person, own]) => ({ person, users: own })).sort((a, b) => (a.person < b.person ? -1 : 1));
    },
  };
}

type Writing = {
  readonly changed: readonly PersonUser[];
  readonly gone: readonly PersonUser[];
  personOf(user: PersonUser): string;
  follow(tx: Kysely<PeopleTables>): Promise<void>;
};

async function writeUsers(db: Kysely<PeopleTables>, { changed, gone, personOf, follow }: Writing): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const { server, userId } of gone)
      await tx.deleteFrom('sync_users').where('server', '=', server).where('user_id', '=', userId).execute();
    for (const user of changed) {
      const { server, userId, name, isAdministrator, isDisabled } = user;
      const row = { name, person: personOf(user), is_admin: isAdministrator ? 1 : 0, is_disabled: isDisabled ? 1 : 0 };
      await tx
        .insertInto('sync_users')
        .values({ server, user_id: userId, ...row })
        .onConflict((conflict) => conflict.columns(['server', 'user_id']).doUpdateSet(row))
        .execute();
    }
    await follow(tx);
  });
}

const isEqual = (a: PersonUser, b: PersonUser | undefined): boolean =>
  b !== undefined && a.name === b.name && a.isAdministrator === b.isAdministrator && a.isDisabled === b.isDisabled;
