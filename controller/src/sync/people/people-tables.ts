// The tables of users who were made here, of those who are gone somewhere, and of what a person said to that.
import type { SyncTables } from '../state/sync-tables.ts';
import type { PeopleTables } from './people.ts';

/** `making`: begun; a crash may have left it half done. `failed`: tried again later. */
export type MadeStatus = 'making' | 'made' | 'failed';
/** `done`: they are deleted wherever they may be, and are not made again from those who stay. `renamed`: the user goes by another name there. */
export type DepartureStatus = 'pending' | 'done' | 'renamed';

export type UserTables = PeopleTables &
  Pick<SyncTables, 'sync_registers' | 'sync_queue'> & {
    sync_confirmations: { what: string; by_whom: string; at_ms: number };
    sync_made_users: {
      server: string;
      person: string;
      name: string;
      source: string;
      status: MadeStatus;
      password: string | null;
      problem: string | null;
      attempts: number;
      due_ms: number;
      made_ms: number;
    };
    sync_departures: {
      id: number;
      person: string;
      server: string;
      name: string;
      status: DepartureStatus;
      gone_ms: number;
      confirmed_ms: number | null;
      told: number;
    };
  };
