// Log-ins of users, and playlists, which a key alone may not do all of: kept in the data folder, given over HTTP, heard by their sockets.
import { join } from 'node:path';
import { hearUsers } from '../../sync/log-ins/hear-users.ts';
import { logInRoutes } from '../../sync/log-ins/log-in-routes.ts';
import { openLogInStore } from '../../sync/log-ins/log-in-store.ts';
import { createLogIns } from '../../sync/log-ins/user-log-ins.ts';
import type { Sync } from '../../sync/sync-service.ts';
import { type OpenPlaylists, type OpenPlaylistsDeps, openPlaylists } from './open-playlists.ts';

export type OpenLogInsDeps = Omit<OpenPlaylistsDeps, 'tokenOf'> & {
  readonly sync: Pick<Sync, 'lookAtTold' | 'lookNow'>;
};

/** With playlists. */
export type OpenLogIns = OpenPlaylists;

/** @throws ControllerError storage_failed */
export async function openLogIns({ sync, ...deps }: OpenLogInsDeps): Promise<OpenLogIns> {
  const { config, servers, clock, log } = deps;
  const store = await openLogInStore(join(config.database.path, 'sync-log-ins.json'));
  const playlists = openPlaylists({ ...deps, tokenOf: store.tokenOf });
  const heard = hearUsers({
    ...{ store, clock, log, lookAt: sync.lookAtTold },
    sockets: new Map(servers.map(({ name, sync: own }) => [name, own.hearUserSocket])),
    lookAtAll(server) {
      sync.lookNow(server);
      playlists.lookNow(server);
    },
  });
  const logIns = createLogIns({
    ...{ store, clock, log },
    servers: new Map(servers.map(({ name, sync: own }) => [name, own.logIns])),
    changed(server) {
      heard.changed();
      playlists.lookNow(server);
    },
  });
  return {
    ...playlists,
    routes: [...logInRoutes(logIns), ...playlists.routes],
    async run(signal) {
      await Promise.all([playlists.run(signal), heard.run(signal)]);
    },
  };
}
