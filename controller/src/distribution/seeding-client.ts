// Headgate's own seeding as a download client of the bandwidth feature. Its limits live and die with this process: nothing of them can stay behind.
import type { Clock } from '../clock.ts';
import { createListeners } from '../listeners.ts';
import type { Log } from '../log.ts';
import { type LimitChanges, openLimitChanges } from '../neighbours/change-limit.ts';
import type { Direction, TorrentClient, TorrentPausing } from '../neighbours/download-client.ts';
import { pollClient } from '../neighbours/poll-client.ts';

/** What its entry among the download clients is called: in targets, topics and pages. */
export const SEEDING_NAME = 'distribution';

/** bit/s to and from other sites. */
export type UplinkRates = { readonly upBps: number; readonly downBps: number };
/** bit/s; null: no limit, 0: nothing. */
export type UplinkLimits = { readonly upBps: number | null; readonly downBps: number | null };

export type SeedingClient = {
  readonly client: TorrentClient;
  /** What holds now. */
  limits(): UplinkLimits;
  /** Told after each change of them. Answers with a function that ends it. */
  onChange(listener: () => void): () => void;
  /** From now on its readings are these. `fetches`: nodes of this site may fetch from others. Answers with a function that ends it. */
  measure(rates: () => UplinkRates & { readonly fetches: boolean }): () => void;
};

export type SeedingClientDeps = {
  /** The user's own limit; null: none. */
  readonly ownUpBps: number | null;
  readonly clock: Clock;
  readonly log: Log;
};

const POLL_MS = 1_000;
/** All of it. */
const ALL = '*';
const AT_REST = { upBps: 0, downBps: 0, fetches: false };

const rounded = (bps: number): number => Math.max(1, Math.floor(bps));

export function createSeedingClient({ ownUpBps, clock, log }: SeedingClientDeps): SeedingClient {
  const name = SEEDING_NAME;
  const changes = createListeners();
  /** 0 is none. */
  const slots: Record<Direction, number> = { upload: ownUpBps ?? 0, download: 0 };
  let isPaused = false;
  let rates = (): typeof AT_REST => AT_REST;
  let fetched = false;
  const limits: LimitChanges = openLimitChanges({
    name,
    read: async ({ direction, mode }) => (mode === 'normal' ? slots[direction] : 0),
    async write({ direction, mode }, bps) {
      if (mode !== 'normal') return;
      slots[direction] = bps <= 0 ? 0 : rounded(bps);
      changes.tell();
    },
    kept: (bps) => (bps <= 0 ? 0 : rounded(bps)),
    takesNegative: false,
  });
  const poll = async () => {
    const { upBps, downBps, fetches } = rates();
    // Once there was a download limit to set it stays one to put back.
    fetched ||= fetches;
    const limitOf = (direction: Direction) => ({ normal: slots[direction], alternative: 0 });
    return {
      ...{ at: clock.now(), mode: 'normal' as const, uploadBps: upBps, downloadBps: downBps, limitsLanPeers: false },
      uploadLimitBps: limitOf('upload'),
      downloadLimitBps: fetched ? limitOf('download') : null,
    };
  };
  return {
    client: {
      ...{ name, type: "Headgate's own seeding", onUplink: true, lineClass: 'distribution', rounded },
      watch: (hear, signal) =>
        pollClient({ name, poll, writes: limits.writes, pollIntervalMs: POLL_MS, clock, log }, hear, signal),
      changeLimit: limits.change,
      pausing: pausingOf(
        () => isPaused,
        (paused) => {
          isPaused = paused;
          changes.tell();
        },
      ),
    },
    limits() {
      if (isPaused) return { upBps: 0, downBps: 0 };
      // The user's own limit holds whatever was written: a cap of an earlier configuration may be put back as if it were his.
      const up = [slots.upload, ownUpBps ?? 0].filter((bps) => bps > 0);
      return { upBps: up.length === 0 ? null : Math.min(...up), downBps: slots.download > 0 ? slots.download : null };
    },
    onChange: changes.on,
    measure(next) {
      rates = next;
      return () => {
        rates = () => AT_REST;
      };
    },
  };
}

function pausingOf(isPaused: () => boolean, pause: (paused: boolean) => void): TorrentPausing {
  return {
    running: async () => (isPaused() ? [] : [ALL]),
    async pause(ids) {
      if (ids.includes(ALL)) pause(true);
    },
    async resume(ids) {
      if (ids.includes(ALL)) pause(false);
    },
  };
}
