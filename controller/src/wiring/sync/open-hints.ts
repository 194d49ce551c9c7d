// What this home's servers tell beside their hooks, for sync.
import type { Kysely } from 'kysely';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { SyncHappening } from '../../sync/happenings.ts';
import type { ItemIndex } from '../../sync/index/item-index.ts';
import type { InboxStore } from '../../sync/intake/inbox-store.ts';
import { createHints, type Hints } from '../../sync/missed/hints.ts';
import type { People } from '../../sync/people/people.ts';
import type { SyncTables } from '../../sync/state/sync-tables.ts';
import type { LibraryServer } from '../open-media-server.ts';
import type { NowPlaying } from './now-playing.ts';

export type OpenHintsDeps = {
  readonly servers: readonly LibraryServer[];
  readonly db: Kysely<SyncTables>;
  readonly people: Pick<People, 'personOf'>;
  readonly inbox: Pick<InboxStore, 'count'>;
  readonly index: Pick<ItemIndex, 'item' | 'lastBuiltMs'>;
  readonly playing: Pick<NowPlaying, 'onBegan'>;
  readonly tell: (happened: SyncHappening) => void;
  readonly clock: Clock;
  readonly log: Log;
};

/** What the plugin knows by its class; of anything else it sends nothing. */
const TELLING = new Set<string | undefined>(['movie', 'episode', 'video', 'audio']);

export function openHints({ servers, db, people, inbox, index, playing, tell, clock, log }: OpenHintsDeps): Hints {
  const feeds = new Map(servers.map(({ name, sync }) => [name, sync.changeFeeds]));
  const hints = createHints({
    ...{ db, tell, log, nowMs: clock.now, personOf: people.personOf, waitingHooks: inbox.count, indexedMs: index.lastBuiltMs },
    feeds: (server) => feeds.get(server) ?? null,
    tellsHooks: (server, itemId) => TELLING.has(index.item(server, itemId)?.kind),
  });
  playing.onBegan((at) => {
    if (feeds.has(at.server)) hints.began(at);
  });
  return hints;
}
