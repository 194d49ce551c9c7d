// Pure: who is to be made where, so that whoever has a user on one server has one on each that is written to.
import type { PersonRights } from '../../neighbours/synced-people.ts';
import type { PersonUser, UserMap } from './people.ts';

export type UserServer = { readonly name: string; readonly direction: 'both' | 'source' | 'target' };

export type Missing = {
  readonly server: string;
  readonly person: string;
  /** As the user is to be called there. */
  readonly name: string;
  /** Whose rights they get. */
  readonly source: PersonUser;
};

export type Home = {
  /** As configured: the first that has the person is the one whose rights count. */
  readonly servers: readonly UserServer[];
  readonly people: readonly { readonly person: string; readonly users: readonly PersonUser[] }[];
  readonly map: UserMap;
  /** Persons that somebody must decide about first. */
  readonly undecided: ReadonlySet<string>;
};

export function missingUsers({ servers, people, map, undecided }: Home): readonly Missing[] {
  const sources = servers.filter(({ direction }) => direction !== 'target');
  const targets = servers.filter(({ direction }) => direction !== 'source');
  return people.flatMap(({ person, users }) => {
    const userAt = (server: string): PersonUser | undefined => users.find((user) => user.server === server);
    const source = sources.map(({ name }) => userAt(name)).find((user) => user !== undefined);
    if (source === undefined || undecided.has(person)) return [];
    return targets
      .filter(({ name }) => userAt(name) === undefined)
      .map(({ name: server }) => ({ server, person, name: nameAt(map, person, server, source), source }));
  });
}

/** Where the source's own name is one of the map, the others do not know it: they have the person's. */
const nameAt = (map: UserMap, person: string, server: string, source: PersonUser): string =>
  map[person]?.[server] ?? (map[person]?.[source.server] === undefined ? source.name : person);

/** Whether this user may be one whom we were cut off from making: as a new one is, or with the rights that we give. Anybody else's is left alone. */
export function mayBeOurs(shown: PersonRights, wanted: PersonRights): boolean {
  const isPristine =
    !shown.isDisabled && shown.maxParentalRating === null && shown.blockedTags.length + shown.allowedTags.length === 0;
  const hasOurs =
    shown.maxParentalRating === wanted.maxParentalRating &&
    shown.blockedTags.length === wanted.blockedTags.length &&
    shown.allowedTags.length === wanted.allowedTags.length;
  return isPristine || hasOurs;
}

export type Listed = { readonly id: string; readonly isAdministrator: boolean; readonly isDisabled: boolean };

/** Null: this user may be deleted. `there`: all users of that server, as it lists them now. */
export function staysBecause(user: Listed, there: readonly Listed[]): string | null {
  if (user.isAdministrator) return 'is an administrator';
  const others = there.filter(({ id }) => id !== user.id);
  if (others.length === 0) return 'is the only user there';
  return user.isDisabled || others.some(({ isDisabled }) => !isDisabled) ? null : 'is the only user there who is not disabled';
}
