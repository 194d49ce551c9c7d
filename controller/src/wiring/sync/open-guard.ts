// The guard against mass changes with this home's limits, and people who are asked.
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { Database } from '../../database/open-database.ts';
import type { Route } from '../../http/route.ts';
import type { Log } from '../../log.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import { guardRoutes } from '../../sync/guard/guard-routes.ts';
import type { GuardTables } from '../../sync/guard/guard-tables.ts';
import { createHolds, type Holds } from '../../sync/guard/holds.ts';
import { type Guard, openLossGuard } from '../../sync/guard/loss-guard.ts';
import type { ItemIndex } from '../../sync/index/item-index.ts';
import type { SyncEvent } from '../../sync/sync-event.ts';
import type { Sync } from '../../sync/sync-service.ts';

export type OpenGuardDeps = {
  readonly config: Pick<Config, 'sync'>;
  readonly database: Database;
  readonly index: Pick<ItemIndex, 'onChange' | 'shrinkage' | 'identityOf'>;
  readonly tell: (event: SyncEvent) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type OpenGuard = {
  readonly guard: Guard;
  /** Once there is a sync that does what is answered. */
  asking(sync: Pick<Sync, 'around'>): {
    readonly holds: Holds;
    readonly routes: readonly Route[];
    /** Until the signal fires. Never rejects. */
    run(signal: AbortSignal): Promise<void>;
  };
  /** A server answered: its clock is compared with ours. */
  looked(server: SyncedServer, sync: Pick<Sync, 'clocks'>): void;
};

/** @throws ControllerError storage_failed */
export async function openGuard({ config, database, index, tell, clock, log }: OpenGuardDeps): Promise<OpenGuard> {
  const db = database.tables<GuardTables>();
  const late: { ring: () => void } = { ring: () => {} };
  const guard = await openLossGuard({ db, limits: config.sync.guard, clock, log, held: () => late.ring() });
  const stop = index.onChange(({ server }) => {
    const size = index.shrinkage(server);
    if (size !== null) guard.noteSize(server, size);
  });
  return {
    guard,
    asking({ around }) {
      const holds = createHolds({ db, around, identityOf: index.identityOf, clock, log, tell });
      late.ring = holds.ring;
      return {
        holds,
        routes: guardRoutes(holds),
        async run(signal) {
          await holds.run(signal);
          stop();
          await guard.settled();
        },
      };
    },
    looked(server, { clocks }) {
      if (guard.noteSkew(server.name, server.clockSkew())) clocks.forget(server.name);
    },
  };
}
