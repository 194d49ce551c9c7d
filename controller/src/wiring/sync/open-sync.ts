// Sync with everything that it needs of this home: its Jellyfins, its store, its files.
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Database } from '../../database/open-database.ts';
import type { Route } from '../../http/route.ts';
import type { Log } from '../../log.ts';
import type { Happened } from '../../notify/events.ts';
import { webhookRoutes } from '../../sync/intake/webhook-routes.ts';
import { createIntakePace } from '../../sync/intake-pace.ts';
import { createLearnItem } from '../../sync/learn-item.ts';
import { createSync, type Sync } from '../../sync/sync-service.ts';
import type { LibraryServer } from '../open-media-server.ts';
import { noteHappenings } from './note-happenings.ts';
import type { NowPlaying } from './now-playing.ts';
import { openGuard } from './open-guard.ts';
import { openHints } from './open-hints.ts';
import { openLogIns } from './open-log-ins.ts';
import { openSyncStores } from './open-sync-stores.ts';
import { openUsers } from './open-users.ts';
import { setUpPlugins } from './set-up-plugins.ts';
import { type ShownSync, type SyncMqttLink, showSync } from './show-sync.ts';
import { syncSettings } from './sync-settings.ts';

export type OpenSyncDeps = {
  readonly config: Config;
  readonly libraryServers: readonly LibraryServer[];
  readonly database: Database;
  readonly playing: Pick<NowPlaying, 'isPlaying' | 'onBegan'>;
  readonly tell: (event: Happened) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type OpenSync = Pick<ShownSync, 'isRunning' | 'collectMetrics'> & {
  readonly routes: readonly Route[];
  /** For Home Assistant. */
  readonly discovered: { readonly servers: readonly string[] };
  /** A media server answers, for the first time or again. */
  serverBack(server: string): void;
  /** Until the signal fires. Never rejects. */
  run(mqtt: SyncMqttLink, signal: AbortSignal): Promise<void>;
};

/** @throws ControllerError storage_failed */
export async function openSync(deps: OpenSyncDeps, signal: AbortSignal): Promise<OpenSync> {
  const { config, libraryServers, database, clock } = deps;
  const { sync: settings } = config;
  const log = deps.log.child({ part: 'sync' });
  const servers = libraryServers.filter(({ name }) => settings.servers.some((one) => one.name === name));
  const byName = new Map(servers.map((one) => [one.name, one.sync.server]));
  const names = [...byName.keys()];
  const { db, index, inbox, people, secrets, switched, newId } = await openSyncStores(
    { config, database, names, clock, log },
    signal,
  );
  const noted = noteHappenings(clock.now);
  const { guard, ...guarding } = await openGuard({ config, database, index, tell: deps.tell, clock, log });
  const pace = createIntakePace(clock);
  const hints = openHints({ servers, db, people, inbox, index, playing: deps.playing, tell: noted.tell.happened, clock, log });
  const sync: Sync = createSync({
    ...{ db, people, index, inbox, guard, clock, log, servers: [...byName.values()] },
    learn: createLearnItem({ index, server: (name) => byName.get(name) ?? null, pathMaps: settings.pathMaps }),
    settings: syncSettings(config),
    ...{ newId, hints, isPlaying: deps.playing.isPlaying },
    isPaused: switched.isPaused,
    calm: pace.calm,
    tell: noted.tell,
    looked(server) {
      guarding.looked(server, sync);
      users.ring();
    },
  });
  const asking = guarding.asking(sync);
  const isPaused = (): boolean => switched.isPaused() || settings.dryRun;
  const users = await openUsers({ config, servers, database, people, sync, isPaused, tell: deps.tell, clock, log });
  const playlists = await openLogIns({
    ...{ config, servers, database, people, index, guard, sync, isPaused: switched.isPaused, tell: deps.tell, clock, log },
  });
  const shown = await showSync({
    ...{ config, db, servers, sync, people, index, inbox, hints, switched, noted, tell: deps.tell, clock, log, signal },
    ...{ playlists, startedAtMs: clock.now() },
  });
  const routes = webhookRoutes({
    secrets,
    inbox,
    unwanted: (server, report) => (sync.isEcho(server, report) ? 'an echo of our own writing' : null),
    onAdded(server) {
      noted.tell.happened({ kind: 'hook', server });
      pace.came();
      sync.hookCame(server);
    },
    queue: () => ({ pending: inbox.count() + shown.pending(), running: shown.isRunning() }),
    now: clock.now,
    log,
  });
  return {
    routes: [...routes, ...asking.routes, ...users.routes, ...playlists.routes, ...shown.routes],
    isRunning: shown.isRunning,
    collectMetrics: shown.collectMetrics,
    discovered: { servers: names },
    serverBack(server) {
      sync.lookNow(server, true);
      playlists.lookNow(server);
    },
    async run(mqtt, until) {
      await Promise.all([
        shown.run(mqtt, until),
        asking.run(until),
        users.run(until),
        playlists.run(until),
        setUpPlugins({ config, servers, secrets, expect: hints.expect, clock, log }, until),
      ]);
    },
  };
}
