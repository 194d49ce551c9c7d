// Users of a Jellyfin made, renamed and removed. POST /Users/New opens everything to whom it makes, so that the rights come before the door is opened.
import { randomBytes } from 'node:crypto';
import { ControllerError, messageOf } from '../../errors.ts';
import type { NewPerson, PersonRights, SyncedPeople } from '../../neighbours/synced-people.ts';
import type { JellyfinHttp } from '../jellyfin-http.ts';
import { userNames, virtualFolders, type WholeUser, wholeUser } from './people-schemas.ts';
import { type Granted, grant, otherThan, policyOf, rightsOf } from './user-rights.ts';

/** As UserManager.ThrowIfInvalidUsername: anything else is answered with 400 and without a reason. */
const NAME = /^(?!\s)[\p{L}\p{M}\p{N}\p{Pc} \-'._@+]+(?<!\s)$/u;
/** How often another writer of the same policy may come in between. */
const ATTEMPTS = 3;
const CLEAN_UP_MS = 10_000;

const id = encodeURIComponent;
const json = { 'content-type': 'application/json' };

const createCalls = (http: JellyfinHttp) => {
  const post = (path: string, body: unknown, signal: AbortSignal) =>
    http.send({ method: 'POST', path, headers: json, body: JSON.stringify(body), signal });
  return {
    who: http.who,
    user: (userId: string, signal: AbortSignal) => http.ask(wholeUser, { path: `/Users/${id(userId)}`, signal }),
    users: (signal: AbortSignal) => http.ask(userNames, { path: '/Users', signal }),
    folders: (signal: AbortSignal) => http.ask(virtualFolders, { path: '/Library/VirtualFolders', signal }),
    make: (name: string, password: string, signal: AbortSignal) =>
      http.ask(wholeUser, {
        method: 'POST',
        path: '/Users/New',
        headers: json,
        body: JSON.stringify({ Name: name, Password: password }),
        signal,
      }),
    post,
    async remove(userId: string, signal: AbortSignal): Promise<void> {
      await http.send({ method: 'DELETE', path: `/Users/${id(userId)}`, signal });
    },
  };
};
type Calls = ReturnType<typeof createCalls>;

const isTimeout = (error: unknown): boolean =>
  error instanceof ControllerError && (error.code === 'timeout' || error.code === 'upstream_unreachable');

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** @throws ControllerError conflict, input_invalid */
const checkName = async (calls: Calls, name: string, own: string | null, signal: AbortSignal): Promise<void> => {
  if (!NAME.test(name)) throw new ControllerError('input_invalid', `${calls.who} takes no user by the name "${name}"`);
  const taken = (await calls.users(signal)).find((user) => user.Id !== own && sameName(user.Name, name));
  if (taken) throw new ControllerError('conflict', `${calls.who} has a user "${taken.Name}" already`);
};

/** The whole policy with these fields changed, read back; again where another writer came in between. @throws ControllerError upstream_failed naming the field that does not stay */
const writeRights = async (
  calls: Calls,
  { user: given, rights, granted }: { user: WholeUser; rights: PersonRights; granted: Granted },
  signal: AbortSignal,
): Promise<WholeUser> => {
  let user = given;
  let other: string | null = null;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const policy = { ...user.Policy, ...policyOf(rights, granted), IsAdministrator: false };
    await calls.post(`/Users/${id(user.Id)}/Policy`, policy, signal);
    user = await calls.user(user.Id, signal);
    other = otherThan(rights, granted, user.Policy);
    if (other === null) return user;
  }
  throw new ControllerError('upstream_failed', `${calls.who}: ${other} of user "${user.Name}" does not stay as written`);
};

/** An answer that was lost may have made the user all the same. */
const make = async (calls: Calls, { name }: NewPerson, password: string, signal: AbortSignal): Promise<WholeUser> => {
  try {
    return await calls.make(name, password, signal);
  } catch (error) {
    if (!isTimeout(error)) throw error;
    const made = (await calls.users(signal)).find((user) => sameName(user.Name, name));
    if (made === undefined) throw error;
    return await calls.user(made.Id, signal);
  }
};

const removeAgain = async (calls: Calls, user: WholeUser, cause: unknown): Promise<never> => {
  try {
    await calls.remove(user.Id, AbortSignal.timeout(CLEAN_UP_MS));
  } catch (error) {
    const text = `${calls.who}: user "${user.Name}" was made (${messageOf(cause)}), and could not be removed again (${messageOf(error)})`;
    throw new ControllerError('upstream_failed', text, { cause });
  }
  throw cause;
};

const create = async (calls: Calls, person: NewPerson, signal: AbortSignal) => {
  await checkName(calls, person.name, null, signal);
  const { ids, libraries, missing } = grant(person.rights.libraries, await calls.folders(signal));
  const granted = { ids, libraries, missing };
  // Nobody knows the password until the rights are there, also where there is to be none.
  const password = person.password ?? randomBytes(24).toString('base64url');
  const made = await make(calls, person, password, signal);
  try {
    await furnish(calls, { made, person, granted }, signal);
  } catch (error) {
    return await removeAgain(calls, made, error);
  }
  return { id: made.Id, libraries, missing };
};

/** Closed, with the rights of its own, then opened. */
const furnish = async (
  calls: Calls,
  { made, person, granted }: { made: WholeUser; person: NewPerson; granted: Granted },
  signal: AbortSignal,
): Promise<void> => {
  const closed = await writeRights(calls, { user: made, rights: { ...person.rights, isDisabled: true }, granted }, signal);
  const path = `/Users/Password?userId=${id(made.Id)}`;
  if (person.password === null) await calls.post(path, { ResetPassword: true }, signal);
  if (!person.rights.isDisabled) await writeRights(calls, { user: closed, rights: person.rights, granted }, signal);
};

const finish = async (calls: Calls, userId: string, person: NewPerson, signal: AbortSignal) => {
  const made = neverAdministrator(calls, await calls.user(userId, signal), 'whose rights are left alone');
  const granted = grant(person.rights.libraries, await calls.folders(signal));
  await furnish(calls, { made, person, granted }, signal);
  return { id: made.Id, libraries: granted.libraries, missing: granted.missing };
};

const neverAdministrator = (calls: Calls, user: WholeUser, what: string): WholeUser => {
  if (!user.Policy.IsAdministrator) return user;
  throw new ControllerError('denied', `${calls.who}: "${user.Name}" is an administrator; ${what}`);
};

/** Uses the server's own HTTP client, and with it its rest after a refused key. */
export const createPeopleClient = (http: JellyfinHttp): SyncedPeople => {
  const calls = createCalls(http);
  return {
    rights: async (userId, signal) => rightsOf((await calls.user(userId, signal)).Policy, await calls.folders(signal)),
    create: (person, signal) => create(calls, person, signal),
    finish: (userId, person, signal) => finish(calls, userId, person, signal),
    async writeRights(userId, rights, signal) {
      const granted = grant(rights.libraries, await calls.folders(signal));
      const user = neverAdministrator(calls, await calls.user(userId, signal), 'whose rights are left alone');
      await writeRights(calls, { user, rights, granted }, signal);
    },
    async rename(userId, name, signal) {
      await checkName(calls, name, userId, signal);
      // Names and settings are written together: settings as they are.
      const user = await calls.user(userId, signal);
      await calls.post(`/Users?userId=${id(userId)}`, { ...user, Name: name }, signal);
    },
    async delete(userId, signal) {
      neverAdministrator(calls, await calls.user(userId, signal), 'who is never deleted');
      await calls.remove(userId, signal);
    },
  };
};
