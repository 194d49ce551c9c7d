// The adapter as the tests open it, with what it tells written down.
import { type Clock, systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import type { TorrentClient, TorrentReading } from '../../src/neighbours/download-client.ts';
import type { NeighbourHealth } from '../../src/neighbours/health.ts';
import { openQbittorrent, type Qbittorrent, type QbittorrentOptions } from '../../src/qbittorrent/open-qbittorrent.ts';

/** The machine's clock, but its monotonic side can be put forward. */
export const createTestClock = (): Clock & { forward(ms: number): void } => {
  let ahead = 0;
  return {
    ...systemClock,
    monotonic: () => systemClock.monotonic() + ahead,
    forward: (ms) => {
      ahead += ms;
    },
  };
};

/** Polls each 20 ms unless told otherwise. */
export const openTestClient = (url: string, options: Partial<QbittorrentOptions> = {}): Qbittorrent =>
  openQbittorrent({ name: 'qbit', url, onUplink: true, pollIntervalMs: 20, clock: systemClock, log: silentLog, ...options });

export type Heard = AsyncDisposable & {
  readonly readings: TorrentReading[];
  readonly health: NeighbourHealth[];
  /** Resolves when `done` holds. @throws Error after 10 s, with what was heard last. */
  until(what: string, done: (heard: Heard) => boolean): Promise<void>;
};

/** Watches until disposed of. */
export const listen = (client: Pick<TorrentClient, 'watch'>): Heard => {
  const stop = new AbortController();
  const heard: Heard = {
    readings: [],
    health: [],
    until: async (what, done) => {
      const give = systemClock.monotonic() + 10_000;
      while (!done(heard)) {
        if (systemClock.monotonic() > give) {
          throw new Error(`not within 10 s: ${what}; last: ${JSON.stringify([heard.health.at(-1), heard.readings.at(-1)])}`);
        }
        await systemClock.sleep(2, stop.signal);
      }
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await watching;
    },
  };
  const watching = client
    .watch(
      { reading: (reading) => void heard.readings.push(reading), health: (health) => void heard.health.push(health) },
      stop.signal,
    )
    .catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
  return heard;
};

export const patience = (): AbortSignal => AbortSignal.timeout(30_000);
