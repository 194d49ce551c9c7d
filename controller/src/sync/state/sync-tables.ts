// The tables of what is agreed, seen, still to do and done, and their rows as the program has them.
import type { Registers, Seen } from './observe.ts';
import type { Point } from './past.ts';

export type SyncTables = {
  sync_registers: { person: string; identity: string; registers: string; updated_ms: number };
  sync_shadows: {
    server: string;
    user_id: string;
    item_id: string;
    seen: string;
    hook_ms: number | null;
    read_ms: number | null;
    past: string | null;
  };
  sync_alignments: { server: string; user_id: string; aligned_ms: number };
  sync_queue: {
    server: string;
    person: string;
    identity: string;
    id: number;
    version: number;
    status: QueueStatus;
    event_type: EventType;
    origin: string;
    item_name: string;
    item_path: string | null;
    due_ms: number;
    attempts: number;
    absent_tries: number;
    problem: string | null;
    created_ms: number;
  };
  sync_log: {
    id: number;
    at_ms: number;
    origin: string;
    target: string;
    person: string;
    identity: string;
    item_id: string;
    item_name: string;
    event_type: EventType;
    before: string;
    after: string;
    success: number;
    message: string;
  };
};

/** `waiting`: the server lacks the item. `failed`: a dead letter, kept with its reason. */
export type QueueStatus = 'pending' | 'waiting' | 'failed';

/** As jellyfin-db-sync names what happened; of several changed fields the one that people would name. */
export type EventType = 'progress' | 'watched' | 'favorite' | 'rating';

/** One user's item on one server. */
export type Place = { readonly server: string; readonly userId: string; readonly itemId: string };

/** What was last seen there, and by what: the newest hook (ms of that server's clock) and the newest reading (ours); and how it came to be so. */
export type Shadow = {
  readonly seen: Seen;
  readonly hookMs: number | null;
  readonly readMs: number | null;
  readonly past: readonly Point[];
};

type ShadowRow = Pick<SyncTables['sync_shadows'], 'seen' | 'hook_ms' | 'read_ms'> & { readonly past?: string | null };

export const toShadow = (row: ShadowRow): Shadow => ({
  seen: JSON.parse(row.seen) as Seen,
  hookMs: row.hook_ms,
  readMs: row.read_ms,
  past: typeof row.past === 'string' ? (JSON.parse(row.past) as readonly Point[]) : [],
});

export const toRegisters = (text: string | undefined): Registers => (text === undefined ? {} : (JSON.parse(text) as Registers));
