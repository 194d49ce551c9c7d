// The servers that are written to, each with its queue worked off by itself.
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { SyncedServer } from '../neighbours/synced-server.ts';
import type { Telling } from './happenings.ts';
import type { ItemIndex } from './index/item-index.ts';
import { nextAbsentTry, type PathPolicy, policyFor } from './index/path-policies.ts';
import type { LearnItem } from './learn-item.ts';
import type { People } from './people/people.ts';
import type { ExpectedEchoes } from './state/expected-echoes.ts';
import type { PlaceLocks } from './state/place-locks.ts';
import { createTarget, type Target } from './state/run-target.ts';
import type { Place, SyncTables } from './state/sync-tables.ts';
import type { Around } from './state/take-report.ts';
import type { Transact } from './state/transact.ts';

export type DeliveriesDeps = {
  readonly db: Kysely<SyncTables>;
  readonly around: Around;
  readonly transact: Transact;
  readonly locks: PlaceLocks;
  readonly echoes: ExpectedEchoes;
  readonly people: Pick<People, 'usersOf'>;
  readonly index: Pick<ItemIndex, 'forget'>;
  readonly learn: LearnItem;
  /** Those that may be written to. */
  readonly servers: readonly SyncedServer[];
  readonly policies: readonly PathPolicy[];
  readonly maxRetries: number;
  readonly retryDelayMs: number;
  isPlaying(place: Place): boolean;
  calm(signal: AbortSignal): Promise<void>;
  isPaused(): boolean;
  readonly endsMs?: number;
  isDryRun(): boolean;
  /** After each change of a queue. */
  changed(): void;
  readonly tell: Telling;
  readonly clock: Clock;
  readonly log: Log;
};

export function createDeliveries(deps: DeliveriesDeps): ReadonlyMap<string, Target> {
  const { people, index, policies, clock } = deps;
  return new Map(
    deps.servers.map((server) => [
      server.name,
      createTarget({
        ...deps,
        server,
        userOn: (person) => people.usersOf(person).find((user) => user.server === server.name)?.userId ?? null,
        itemsOf: (identity) => deps.around.itemsOf(identity, server.name),
        identityOf: async (itemId, signal) => (await deps.learn(server.name, itemId, signal))?.identity ?? null,
        forgetItem: (itemId) => index.forget(server.name, itemId),
        absent: (path, tries) => nextAbsentTry(policyFor(path, policies), tries, clock.now()),
      }),
    ]),
  );
}
