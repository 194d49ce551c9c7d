// How sync stands as a whole: one reading for the status page, metrics, MQTT and Home Assistant, however many ask.
import type { Kysely } from 'kysely';
import { countHeld } from '../guard/hold-store.ts';
import type { ListsStanding } from '../playlists/lists-overview.ts';
import type { ServerClocks } from '../state/server-clocks.ts';
import type { SyncTables } from '../state/sync-tables.ts';
import type { Away, Presence } from './presence.ts';
import { noCounts, type QueueCounts } from './queue-counts.ts';
import { countQueue, oldestPendingMs } from './queue-reading.ts';

export type ServerOverview = {
  readonly name: string;
  readonly counts: QueueCounts;
  /** UTC ms. */
  readonly oldestPendingMs: number | null;
  readonly away: Away | null;
  /** Null: not known. */
  readonly skew: Skew | null;
};

type Skew = { readonly ms: number; readonly plusMinusMs: number };

export type Overview = {
  /** UTC ms. */
  readonly atMs: number;
  readonly servers: readonly ServerOverview[];
  readonly lists: ListsStanding;
};

export type OverviewReader = {
  /** At most so old that nobody minds. @throws ControllerError storage_failed */
  read(): Promise<Overview>;
  /** The newest that was read; null before the first. */
  latest(): Overview | null;
  /** Somebody changed something, and wants to see it. */
  forget(): void;
};

const FRESH_MS = 500;
/** Counting a long queue takes some ms of everybody's time: a fiftieth of it at the most. */
const TIMES_ITS_COST = 50;

export type OverviewDeps = {
  readonly db: Kysely<SyncTables>;
  readonly servers: readonly string[];
  readonly presence: Pick<Presence, 'away'>;
  readonly clocks: Pick<ServerClocks, 'skew'>;
  lists(): Promise<ListsStanding>;
  nowMs(): number;
};

export function createOverview({ db, servers, presence, clocks, lists, nowMs }: OverviewDeps): OverviewReader {
  const state: { latest: Overview | null; reading: Promise<Overview> | null; isOld: boolean; freshMs: number } = {
    ...{ latest: null, reading: null, isOld: true, freshMs: FRESH_MS },
  };
  const readNow = async (): Promise<Overview> => {
    state.isOld = false;
    const beganMs = nowMs();
    const counts = await countQueue(db);
    const held = await countHeld(db);
    const read: ServerOverview[] = [];
    for (const name of servers) {
      const own = { ...(counts.get(name) ?? noCounts), held: held.get(name) ?? 0 };
      read.push({
        name,
        counts: own,
        oldestPendingMs: own.pending === 0 ? null : await oldestPendingMs(db, name),
        away: presence.away(name),
        skew: measured(clocks.skew(name)),
      });
    }
    const atMs = nowMs();
    state.freshMs = Math.max(FRESH_MS, TIMES_ITS_COST * (atMs - beganMs));
    return { atMs, servers: read, lists: await lists() };
  };
  return {
    async read() {
      const { latest, reading, isOld } = state;
      if (reading !== null && !isOld) return await reading;
      if (latest !== null && !isOld && Math.abs(nowMs() - latest.atMs) < state.freshMs) return latest;
      const mine = readNow();
      state.reading = mine;
      try {
        state.latest = await mine;
        return state.latest;
      } finally {
        if (state.reading === mine) state.reading = null;
      }
    },
    latest: () => state.latest,
    forget() {
      state.isOld = true;
    },
  };
}

/** Before the first answer it may be anything. */
const measured = (skew: Skew | null): Skew | null => (skew !== null && Number.isFinite(skew.plusMinusMs) ? skew : null);
