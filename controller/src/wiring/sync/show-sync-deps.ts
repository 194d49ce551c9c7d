// What sync is shown with.
import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Log } from '../../log.ts';
import type { Happened } from '../../notify/events.ts';
import type { SyncSwitch } from '../../sync/asked/sync-switch.ts';
import type { ItemIndex } from '../../sync/index/item-index.ts';
import type { InboxStore } from '../../sync/intake/inbox-store.ts';
import type { Hints } from '../../sync/missed/hints.ts';
import type { People } from '../../sync/people/people.ts';
import type { SyncTables } from '../../sync/state/sync-tables.ts';
import type { Sync } from '../../sync/sync-service.ts';
import type { LibraryServer } from '../open-media-server.ts';
import type { NotedHappenings } from './note-happenings.ts';
import type { OpenPlaylists } from './open-playlists.ts';

export type ShowSyncDeps = {
  readonly config: Config;
  readonly db: Kysely<SyncTables>;
  readonly servers: readonly LibraryServer[];
  readonly sync: Sync;
  readonly people: People;
  readonly index: ItemIndex;
  readonly inbox: Pick<InboxStore, 'count'>;
  readonly hints: Pick<Hints, 'of'>;
  readonly switched: SyncSwitch;
  readonly playlists: Pick<OpenPlaylists, 'lookNow' | 'undoRange' | 'standing'>;
  readonly noted: NotedHappenings;
  readonly tell: (event: Happened) => void;
  readonly startedAtMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends what was asked for and still runs. */
  readonly signal: AbortSignal;
};
