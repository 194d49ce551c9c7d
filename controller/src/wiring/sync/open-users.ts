// Users of this home's servers, made and deleted as on the others, where sync.users says so.
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Database } from '../../database/open-database.ts';
import type { Route } from '../../http/route.ts';
import type { Log } from '../../log.ts';
import { openKeyFile } from '../../sync/key-file.ts';
import { followPeople } from '../../sync/people/follow-people.ts';
import type { FollowPeople, People } from '../../sync/people/people.ts';
import { peopleRoutes } from '../../sync/people/people-routes.ts';
import type { UserTables } from '../../sync/people/people-tables.ts';
import { createSealedPasswords } from '../../sync/people/sealed-passwords.ts';
import { createUserSync, type UserSync } from '../../sync/people/user-sync.ts';
import type { SyncEvent } from '../../sync/sync-event.ts';
import type { Sync } from '../../sync/sync-service.ts';
import type { LibraryServer } from '../open-media-server.ts';

export type OpenUsersDeps = {
  readonly config: Pick<Config, 'sync' | 'database'>;
  readonly servers: readonly LibraryServer[];
  readonly database: Database;
  readonly people: People;
  readonly sync: Pick<Sync, 'lookNow'>;
  isPaused(): boolean;
  readonly tell: (event: SyncEvent) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type OpenUsers = Pick<UserSync, 'ring' | 'run'> & { readonly routes: readonly Route[] };

/** Undefined where users are not kept the same: nobody asks about who is gone then. */
export const followUsers = ({ sync }: Pick<Config, 'sync'>, clock: Pick<Clock, 'now'>): FollowPeople | undefined => {
  if (!sync.kinds.users) return undefined;
  const isSource = (server: string): boolean =>
    sync.servers.some(({ name, direction }) => name === server && direction !== 'target');
  return followPeople({ isSource, nowMs: clock.now });
};

/** @throws ControllerError storage_failed */
export async function openUsers(deps: OpenUsersDeps): Promise<OpenUsers> {
  const { config, servers, database, people, sync, tell, clock, log } = deps;
  const settings = config.sync;
  const db = database.tables<UserTables>();
  const key = await openKeyFile(join(config.database.path, 'users-key'), {
    of: 'passwords of new users',
    lost: 'those that nobody fetched are lost',
  });
  const passwords = createSealedPasswords(key);
  const isPasswordless = (server: string): boolean => settings.servers.some((one) => one.name === server && one.passwordless);
  const named = (server: string) => servers.find(({ name }) => name === server)?.sync ?? null;
  const users = createUserSync({
    ...{ db, people, passwords, tell, clock, log, map: settings.userMap, servers: settings.servers, isPaused: deps.isPaused },
    server(name) {
      const one = named(name);
      return one === null ? null : { server: one.server, people: one.people, isPasswordless: isPasswordless(name) };
    },
    async refresh(name, signal) {
      const one = named(name);
      if (one !== null) await people.ask(one.server, signal);
      // Whoever came is compared, and gets all that is agreed.
      sync.lookNow(name);
    },
    nowMs: clock.now,
  });
  return {
    ring: users.ring,
    run: (signal) => (settings.kinds.users ? users.run(signal) : Promise.resolve()),
    routes: peopleRoutes({ db, isOn: settings.kinds.users, passwords, decided: users.ring, nowMs: clock.now }),
  };
}
