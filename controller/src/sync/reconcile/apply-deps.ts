// What everything that reads servers and takes what it finds works with.
import type { Kysely } from 'kysely';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { PlaceLocks } from '../state/place-locks.ts';
import type { ServerClocks } from '../state/server-clocks.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import type { Around } from '../state/take-report.ts';
import type { Transact } from '../state/transact.ts';

export type ApplyDeps = {
  readonly db: Kysely<SyncTables>;
  readonly around: Around;
  readonly transact: Transact;
  readonly locks: PlaceLocks;
  readonly clocks: Pick<ServerClocks, 'skew'>;
  readonly index: {
    /** From memory, else by one question to its server. Null: it is none that is kept the same, or gone. */
    learn(
      server: string,
      itemId: string,
      signal: AbortSignal,
    ): Promise<{ readonly identity: string; readonly name: string; readonly path: string | null } | null>;
    /** From memory. */
    has(server: string, itemId: string): boolean;
    /** Asks its server; an item that it has not is forgotten. @throws ControllerError of the server */
    noteGone(server: SyncedServer, itemId: string, signal: AbortSignal): Promise<void>;
  };
};
