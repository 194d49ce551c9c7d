// Playlists with what they need of this home: its servers, who is who, which items are the same, the guard.
import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Database } from '../../database/open-database.ts';
import type { Route } from '../../http/route.ts';
import type { Log } from '../../log.ts';
import type { GuardTables } from '../../sync/guard/guard-tables.ts';
import type { Guard } from '../../sync/guard/loss-guard.ts';
import type { ItemIndex } from '../../sync/index/item-index.ts';
import { createLearnItem } from '../../sync/learn-item.ts';
import type { People } from '../../sync/people/people.ts';
import type { ListTables } from '../../sync/playlists/list-store.ts';
import { noLists, type UnclearOf } from '../../sync/playlists/lists-overview.ts';
import { playlistRoutes } from '../../sync/playlists/playlist-routes.ts';
import { createPlaylistSync, type PlaylistSync } from '../../sync/playlists/playlist-sync.ts';
import type { SyncEvent } from '../../sync/sync-event.ts';
import type { LibraryServer } from '../open-media-server.ts';

export type OpenPlaylistsDeps = {
  readonly config: Config;
  readonly servers: readonly LibraryServer[];
  readonly database: Database;
  readonly people: Pick<People, 'personOf'>;
  readonly index: ItemIndex;
  readonly guard: Pick<Guard, 'weighOther'>;
  /** Of a log-in of this very user; null where there is none. */
  tokenOf(server: string, userId: string): string | null;
  isPaused(): boolean;
  readonly tell: (event: SyncEvent) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type OpenPlaylists = {
  readonly routes: readonly Route[];
  /** Its lists may have changed, or it answers again. */
  lookNow(server: string): void;
  readonly undoRange: PlaylistSync['undoRange'];
  readonly standing: PlaylistSync['standing'];
  /** Until the signal fires. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

const NONE: OpenPlaylists = {
  ...{ routes: [], lookNow: () => {}, run: async () => {} },
  ...{ undoRange: async () => [], standing: async () => noLists },
};

/** Where they are not to be kept the same, nothing is looked at. */
export function openPlaylists({ config, servers, database, people, index, guard, ...deps }: OpenPlaylistsDeps): OpenPlaylists {
  const { sync: settings } = config;
  if (!settings.kinds.playlists) return NONE;
  const byName = new Map(servers.map(({ name, sync }) => [name, sync.server]));
  const directionOf = (server: string) => settings.servers.find(({ name }) => name === server)?.direction ?? null;
  const playlists = createPlaylistSync({
    ...{ index, tokenOf: deps.tokenOf, isPaused: deps.isPaused, clock: deps.clock, log: deps.log },
    db: database.tables<ListTables>(),
    servers: servers.map(({ name, sync }) => ({ name, server: sync.server, playlists: sync.playlists })),
    items: {
      itemsOf: (identity, server) => index.itemsOf(identity).flatMap((item) => (item.server === server ? [item.itemId] : [])),
      identityOf: index.identityOf,
      learn: createLearnItem({ index, server: (name) => byName.get(name) ?? null, pathMaps: settings.pathMaps }),
      isAudio: (identity) => index.itemsOf(identity)[0]?.kind === 'audio',
    },
    personOf: people.personOf,
    isSource: (server) => directionOf(server) === 'both' || directionOf(server) === 'source',
    isTarget: (server) => directionOf(server) === 'both' || directionOf(server) === 'target',
    // One database holds all tables.
    weighLoss: (tx, loss) => guard.weighOther(tx as unknown as Kysely<GuardTables>, { ...loss, kind: 'list' }),
    isDryRun: () => settings.dryRun,
    tellUnclear: (unclear) => deps.tell(unclearEvent(unclear)),
    everyMs: settings.reconcile.quickMs,
  });
  return {
    routes: playlistRoutes({ ...playlists, servers: servers.map(({ name }) => name) }),
    ...{ lookNow: playlists.lookNow, undoRange: playlists.undoRange, standing: playlists.standing, run: playlists.run },
  };
}

function unclearEvent({ server, person, name, why }: UnclearOf): SyncEvent {
  const because =
    why === 'whose'
      ? 'several administrators see it, and the server does not say whose it is'
      : 'there are two of that name, and nobody can tell which is meant: rename one';
  return {
    type: 'playlist_unclear',
    severity: 'warning',
    text: `The playlist "${name}" of ${person} on ${server} is left alone: ${because}`,
    details: { server, person, name, why },
  };
}
