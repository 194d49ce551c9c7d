// Users who are made and deleted by sync: what was done, what waits for a person, and each new password once.
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { ControllerError } from '../../errors.ts';
import { type Route, route } from '../../http/route.ts';
import { changeDeparture, type Departure, departure, departures, dropDeparture } from './departure-store.ts';
import { confirm, confirmation, madeUsers, takeSealed } from './made-store.ts';
import type { UserTables } from './people-tables.ts';
import { DELETE_AFTER_MS } from './remove-user.ts';
import type { SealedPasswords } from './sealed-passwords.ts';

export type PeopleRoutesDeps = {
  readonly db: Kysely<UserTables>;
  /** `sync.users` */
  readonly isOn: boolean;
  readonly passwords: SealedPasswords;
  /** Something was decided. */
  decided(): void;
  nowMs(): number;
};

const tags = ['sync'];
const moment = z.string().meta({ format: 'date-time' });
const params = z.strictObject({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

const usersView = z.object({
  enabled: z.boolean(),
  confirmed_at: moment.nullable(),
  confirmed_by: z.string().nullable(),
  note: z.string(),
  made: z.array(
    z.object({
      ...{ server: z.string(), person: z.string(), name: z.string(), source: z.string() },
      status: z.enum(['making', 'made', 'failed']),
      has_password: z.boolean().meta({ description: 'It waits to be fetched, once.' }),
      problem: z.string().nullable(),
      at: moment,
    }),
  ),
  departures: z.array(
    z.object({
      ...{ id: z.number(), person: z.string(), server: z.string(), name: z.string() },
      status: z.enum(['pending', 'done', 'renamed']),
      gone_at: moment,
      confirmed_at: moment.nullable(),
      deleted_elsewhere_from: moment.nullable(),
    }),
  ),
});

const NOTE = 'Passwords cannot be synced: a user who is made by sync has none, or a random one that is shown once.';

export const peopleRoutes = (deps: PeopleRoutesDeps): readonly Route[] => [...readingRoutes(deps), ...decidingRoutes(deps)];

const readingRoutes = (deps: PeopleRoutesDeps): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/sync/users',
    summary: 'Users whom sync makes and deletes',
    tags,
    access: 'read',
    response: usersView,
    handler: () => view(deps),
  }),
  route({
    method: 'get',
    path: '/api/sync/users/password',
    summary: 'The password of a user whom sync made',
    description: 'Answers once; then nobody knows it here any more.',
    tags,
    // Whoever may only read must not get into a house's servers.
    access: 'write',
    query: z.strictObject({ server: z.string().max(64), person: z.string().max(255) }),
    response: z.object({ name: z.string(), password: z.string() }),
    async handler({ query, method, reply }) {
      if (method === 'HEAD') throw new ControllerError('input_invalid', 'the password is told once, by GET');
      reply.header('Cache-Control', 'no-store');
      const key = { server: query.server, person: query.person.toLowerCase() };
      const row = await takeSealed(deps.db, key);
      if (row === null || row.password === null)
        throw new ControllerError('not_found', 'there is no password of this user here, or it was fetched already');
      return { name: row.name, password: deps.passwords.open(row.password, JSON.stringify([key.server, key.person])) };
    },
  }),
];

const decidingRoutes = (deps: PeopleRoutesDeps): readonly Route[] => [
  route({
    method: 'post',
    path: '/api/sync/users/confirm',
    summary: 'The report of the first meeting is right: users may be made from now on',
    tags,
    access: 'write',
    response: usersView,
    async handler({ caller }) {
      if (!deps.isOn) throw new ControllerError('conflict', 'sync.users is switched off in the configuration');
      await confirm(deps.db, { byWhom: caller.name, atMs: deps.nowMs() });
      deps.decided();
      return await view(deps);
    },
  }),
  route({
    method: 'post',
    path: '/api/sync/users/departures/:id/confirm',
    summary: 'The user is to be deleted on the other servers as well',
    description: 'Seven days after they were gone. Administrators stay, and the last user of a server.',
    tags,
    access: 'write',
    params,
    response: usersView,
    async handler({ params: { id } }) {
      const row = await pending(deps, id);
      if (row.status === 'renamed')
        throw new ControllerError('conflict', `${row.person} was renamed, not deleted: rename them elsewhere, or discard this`);
      await changeDeparture(deps.db, id, { confirmed_ms: deps.nowMs() });
      deps.decided();
      return await view(deps);
    },
  }),
  route({
    method: 'post',
    path: '/api/sync/users/departures/:id/discard',
    summary: 'The user stays on the other servers, and is made again where they are gone',
    tags,
    access: 'write',
    params,
    response: usersView,
    async handler({ params: { id } }) {
      await pending(deps, id);
      await dropDeparture(deps.db, id);
      deps.decided();
      return await view(deps);
    },
  }),
];

async function pending({ db }: PeopleRoutesDeps, id: number): Promise<Departure> {
  const row = await departure(db, id);
  if (row === null) throw new ControllerError('not_found', `there is no departure ${id}`);
  if (row.status === 'done') throw new ControllerError('conflict', `${row.person} was deleted elsewhere already`);
  return row;
}

const iso = (ms: number): string => new Date(ms).toISOString();

async function view({ db, isOn }: PeopleRoutesDeps): Promise<z.input<typeof usersView>> {
  const confirmed = await confirmation(db);
  return {
    enabled: isOn,
    confirmed_at: confirmed === null ? null : iso(confirmed.atMs),
    confirmed_by: confirmed?.byWhom ?? null,
    note: NOTE,
    made: (await madeUsers(db)).map((row) => ({
      ...{ server: row.server, person: row.person, name: row.name, source: row.source, status: row.status },
      has_password: row.status === 'made' && row.password !== null,
      ...{ problem: row.problem, at: iso(row.made_ms) },
    })),
    departures: (await departures(db)).map((row) => ({
      ...{ id: row.id, person: row.person, server: row.server, name: row.name, status: row.status },
      gone_at: iso(row.gone_ms),
      confirmed_at: row.confirmed_ms === null ? null : iso(row.confirmed_ms),
      deleted_elsewhere_from: row.status === 'renamed' ? null : iso(row.gone_ms + DELETE_AFTER_MS),
    })),
  };
}
