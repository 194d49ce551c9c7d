// All lists of all users of one server, looked at once: what was done there is taken, and it is brought to what is agreed.
import { ControllerError } from '../../errors.ts';
import { dropPlace, readPlaces } from './list-store.ts';
import type { ListOwner, ListServer } from './lists-deps.ts';
import { type LookDeps, lookAtUser } from './look-at-user.ts';
import { ownLists, type UserLists } from './pair-lists.ts';

/** @param who only these; null: all @throws ControllerError of the server */
export async function lookAtLists(
  deps: LookDeps,
  at: ListServer,
  who: ReadonlySet<string> | null,
  signal: AbortSignal,
): Promise<void> {
  const users = await at.server.users(signal);
  if (who === null) await forgetUsers(deps, at.name, new Set(users.map(({ id }) => id)));
  const owners = users.flatMap(({ id, isAdministrator }): readonly ListOwner[] => {
    const person = deps.personOf(at.name, id);
    const token = deps.tokenOf(at.name, id);
    return person === null || who?.has(person) === false ? [] : [{ at, person, user: { id, isAdministrator, token } }];
  });
  const read = new Map<string, UserLists>();
  const readOf = async (userId: string, isAdministrator: boolean): Promise<void> => {
    const user = { id: userId, isAdministrator, token: null };
    // Of a user who is gone nothing is read, so that their lists are not taken for deleted.
    const lists = await unlessGone(() => at.playlists.lists(user, signal), null);
    if (lists !== null) read.set(userId, { userId, isAdministrator, lists });
  };
  for (const { user } of owners) await readOf(user.id, user.isAdministrator);
  // Whose a list of an administrator is, only all others can tell.
  if ([...read.values()].some(({ lists }) => lists.some(({ madeBy }) => madeBy === 'unclear')))
    for (const { id, isAdministrator } of users) if (!read.has(id)) await readOf(id, isAdministrator);
  const { own, unclear } = ownLists([...read.values()]);
  for (const owner of owners) {
    const seen = read.get(owner.user.id)?.lists;
    if (seen === undefined) continue;
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

/** Whoever is gone took their lists along; that was no wish to be without them elsewhere. */
async function forgetUsers({ db }: LookDeps, server: string, there: ReadonlySet<string>): Promise<void> {
  for (const place of await readPlaces(db, { server }))
    if (!there.has(place.userId)) await db.transaction().execute((tx) => dropPlace(tx, place));
}
