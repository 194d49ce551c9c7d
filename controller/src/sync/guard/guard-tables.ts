// The tables of the guard against mass changes, and their rows as the program has them.
import type { WatchChange } from '../../neighbours/watch-state.ts';
import type { SyncTables } from '../state/sync-tables.ts';

/** `over`: all that was held is there again; nobody had to answer. */
export type HoldStatus = 'open' | 'released' | 'discarded' | 'over';
/** `losses`: too many within the window. `shrunk`: the server's library lost a tenth of itself. `clock`: its clock and ours moved apart at once. */
export type HoldReason = 'losses' | 'shrunk' | 'clock';
export type DoubtReason = Exclude<HoldReason, 'losses'>;

export type GuardTables = SyncTables & {
  sync_holds: {
    id: number;
    server: string;
    user_id: string;
    person: string;
    reason: HoldReason;
    why: string;
    status: HoldStatus;
    opened_ms: number;
    closed_ms: number | null;
    told: number;
  };
  sync_held: {
    server: string;
    user_id: string;
    item_id: string;
    hold_id: number;
    person: string;
    identity: string;
    item_name: string;
    item_path: string | null;
    before: string;
    after: string;
    set_ms: number;
    not_before_ms: number;
    answer: Answer | null;
  };
  sync_losses: { server: string; user_id: string; item_id: string; at_ms: number };
  sync_doubts: { server: string; reason: DoubtReason; why: string; at_ms: number };
};

/** What a person said to a loss that is no state of an item, for whoever asks next. */
export type Answer = 'counts' | 'bring-back';

export const toChange = (text: string): WatchChange => JSON.parse(text) as WatchChange;
