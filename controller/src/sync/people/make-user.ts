// One person's user on one server: written down first, looked for, then made with the rights of the source before the door is opened.
import type { Kysely } from 'kysely';
import { ControllerError, messageOf } from '../../errors.ts';
import { failureKind } from '../../neighbours/server-failure.ts';
import type { MadePerson, NewPerson, SyncedPeople } from '../../neighbours/synced-people.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import { backOffMs } from '../state/back-off.ts';
import { changeMade, dropMade, type MadeRow, madeUser, writeMade } from './made-store.ts';
import type { UserTables } from './people-tables.ts';
import { type Missing, mayBeOurs } from './plan-users.ts';
import type { SealedPasswords } from './sealed-passwords.ts';

export type PeopleServer = {
  readonly server: Pick<SyncedServer, 'name' | 'users'>;
  readonly people: Pick<SyncedPeople, 'rights' | 'create' | 'finish' | 'delete'>;
  readonly isPasswordless: boolean;
};

export type MakeDeps = {
  readonly db: Kysely<UserTables>;
  readonly server: (name: string) => PeopleServer | null;
  readonly passwords: SealedPasswords;
  nowMs(): number;
};

export type Outcome =
  | { readonly outcome: 'made'; readonly missing: readonly string[]; readonly hasPassword: boolean }
  /** Somebody else made them. */
  | { readonly outcome: 'there' }
  /** Tried lately, or a server is away: not yet. */
  | { readonly outcome: 'later' }
  | { readonly outcome: 'failed'; readonly problem: string; readonly isNew: boolean };

/** Never rejects but for the store or the signal. */
export async function makeUser(deps: MakeDeps, missing: Missing, signal: AbortSignal): Promise<Outcome> {
  const standing = await madeUser(deps.db, missing);
  if (standing !== null && standing.due_ms > deps.nowMs()) return { outcome: 'later' };
  try {
    return await make(deps, missing, standing, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof ControllerError && error.code === 'storage_failed') throw error;
    if (error instanceof ControllerError && error.code === 'conflict') {
      await dropMade(deps.db, missing);
      return { outcome: 'there' };
    }
    // A server that is away says nothing about its users.
    if (failureKind(error) !== 'failed') return { outcome: 'later' };
    return await failed(deps, missing, { problem: messageOf(error), isThere: await isThere(deps, missing, signal) });
  }
}

/** What a server refused may be done all the same. */
async function isThere({ server }: MakeDeps, missing: Missing, signal: AbortSignal): Promise<boolean> {
  try {
    const users = (await server(missing.server)?.server.users(signal)) ?? [];
    return users.some(({ name }) => name.toLowerCase() === missing.name.toLowerCase());
  } catch (error) {
    if (signal.aborted) throw error;
    return true;
  }
}

const whose = ({ server, person }: Pick<Missing, 'server' | 'person'>): string => JSON.stringify([server, person]);

async function make(deps: MakeDeps, missing: Missing, standing: MadeRow | null, signal: AbortSignal): Promise<Outcome> {
  const [target, source] = [deps.server(missing.server), deps.server(missing.source.server)];
  if (target === null || source === null) return { outcome: 'later' };
  const { isAdministrator: _never, ...rights } = await source.people.rights(missing.source.userId, signal);
  const there = (await target.server.users(signal)).find(({ name }) => name.toLowerCase() === missing.name.toLowerCase());
  const isBegun = standing !== null && standing.status === 'making' && standing.name === missing.name;
  const isHalfMade = isBegun && (there === undefined || mayBeOurs(await target.people.rights(there.id, signal), rights));
  if (there !== undefined && !isHalfMade) {
    // One of ours that nobody has listed yet keeps its password.
    if (standing?.status !== 'made') await dropMade(deps.db, missing);
    return { outcome: 'there' };
  }
  const password = isHalfMade ? unsealed(deps, standing) : target.isPasswordless ? null : deps.passwords.make();
  const person: NewPerson = { name: missing.name, password, rights };
  if (!isHalfMade) await begin(deps, missing, standing, password);
  const made: MadePerson =
    there === undefined ? await target.people.create(person, signal) : await target.people.finish(there.id, person, signal);
  await changeMade(deps.db, missing, { status: 'made', problem: null, made_ms: deps.nowMs() });
  return { outcome: 'made', missing: made.missing, hasPassword: password !== null };
}

/** What cannot be opened is this user's trouble, not the store's. */
function unsealed({ passwords }: MakeDeps, row: MadeRow): string | null {
  try {
    return row.password === null ? null : passwords.open(row.password, whose(row));
  } catch (cause) {
    throw new ControllerError('upstream_failed', `user "${row.name}" was half made: ${messageOf(cause)}`, { cause });
  }
}

async function begin({ db, passwords, nowMs }: MakeDeps, missing: Missing, standing: MadeRow | null, password: string | null) {
  await writeMade(db, {
    ...{ server: missing.server, person: missing.person, name: missing.name, source: missing.source.server },
    status: 'making',
    password: password === null ? null : passwords.seal(password, whose(missing)),
    ...{ problem: standing?.problem ?? null, attempts: standing?.attempts ?? 0, due_ms: 0, made_ms: nowMs() },
  });
}

/** Where the user is there, what was begun stays begun. */
async function failed(
  { db, nowMs }: MakeDeps,
  missing: Missing,
  { problem, isThere: isBegun }: { readonly problem: string; readonly isThere: boolean },
): Promise<Outcome> {
  const row = await madeUser(db, missing);
  const attempts = (row?.attempts ?? 0) + 1;
  const due = { problem, attempts, due_ms: nowMs() + backOffMs(attempts) };
  const begun = isBegun ? {} : { status: 'failed' as const, password: null };
  if (row !== null) await changeMade(db, missing, { ...due, ...begun });
  else
    await writeMade(db, {
      ...{ server: missing.server, person: missing.person, name: missing.name, source: missing.source.server },
      ...{ status: 'failed', password: null, ...due, made_ms: nowMs() },
    });
  return { outcome: 'failed', problem, isNew: row?.problem !== problem };
}
