// What stands between what a server tells and what is agreed: it may keep losses back until a person was asked.
import type { Kysely } from 'kysely';
import type { WatchChange, WatchField } from '../../neighbours/watch-state.ts';
import type { Change, Seen } from './observe.ts';
import type { Place, SyncTables } from './sync-tables.ts';

/** A report, before it counts. */
export type Weighed = {
  readonly place: Place;
  readonly person: string;
  readonly identity: string;
  readonly itemName: string;
  readonly itemPath: string | null;
  /** What was last seen there, and when we read it ourselves, UTC ms; 0: never. */
  readonly seen: Seen;
  readonly notBeforeMs: number;
  readonly said: WatchChange;
  readonly ms: number;
  /** What would be agreed anew. */
  readonly changes: readonly Change[];
};

/** Everything in the transaction that is handed in. */
export type LossGuard = {
  /** The fields that do not count now; they are remembered. What was held and is there again is forgotten. */
  weigh(tx: Kysely<SyncTables>, weighed: Weighed): Promise<readonly WatchField[]>;
  /** The fields of this place that wait for an answer: nobody writes to them. */
  heldAt(tx: Kysely<SyncTables>, place: Place): Promise<readonly WatchField[]>;
};
