// Usage with a clock that the test moves, a real database in a folder, and streams, clients and a WAN that the test sets.
import type { Test } from 'tap';
import { createWallClock } from '../../src/channels/schedule/wall-clock.ts';
import { systemClock } from '../../src/clock.ts';
import { usageMigration } from '../../src/database/migrations/019-usage.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import type { Drawing } from '../../src/usage/amount.ts';
import type { WanSample } from '../../src/usage/count-wan.ts';
import type { DataCap } from '../../src/usage/data-cap.ts';
import type { UsageEvent } from '../../src/usage/usage.ts';
import { openUsage } from '../../src/usage/usage-service.ts';
import { openUsageStore } from '../../src/usage/usage-store.ts';
import type { UsageTables } from '../../src/usage/usage-tables.ts';
import { createFakeClock, type FakeClock } from '../fixtures/fake-clock.ts';

export const NO_CAP: DataCap = {
  limits: { upload: null, download: null, together: null },
  ...{ beginsOn: 1, warnAt: [75, 90], whenReached: 'nothing' },
};

export const stream = (bps: number, viewer = 'main/anna'): Drawing['streams'][number] => ({
  ...{ key: viewer, viewer, player: 'Jellyfin Web', place: 'uplink', bps },
});

/** A router whose counters go on while it is silent. */
export function createRouter(clock: FakeClock, upBps: number, downBps = 0) {
  const bootedAt = clock.monotonic() - 500_000;
  const state = { isHeard: true, device: 'eth0', heard: null as WanSample | null };
  const read = (): WanSample => {
    const uptimeS = (clock.monotonic() - bootedAt) / 1_000;
    return {
      ...{ wan: 'router/wan', device: state.device, uptimeS, intervalS: 1, upBps, downBps, utc: clock.now() },
      ...{ txBytes: Math.round((uptimeS * upBps) / 8), rxBytes: Math.round((uptimeS * downBps) / 8) },
    };
  };
  return {
    state,
    sample(): WanSample | null {
      if (state.isHeard) state.heard = read();
      return state.heard;
    },
  };
}

export type RunOptions = {
  readonly folder?: string;
  readonly clock?: FakeClock;
  readonly cap?: DataCap;
  readonly zone?: string;
  readonly wan?: () => WanSample | null;
};

/** Runs until `stop`; `kill` ends it without a word. Both are also done after the test. */
export async function runUsage(
  t: Test,
  { folder = t.testdir(), clock = createFakeClock(), cap = NO_CAP, zone = 'UTC', wan = () => null }: RunOptions = {},
) {
  const database = await openDatabase({ path: folder, clock: systemClock, log: silentLog, migrations: [usageMigration] });
  const store = await openUsageStore(database.tables<UsageTables>());
  const busy = new Set<Promise<unknown>>();
  const watched = <T>(work: Promise<T>): Promise<T> => {
    const settled: Promise<unknown> = work.then(
      () => busy.delete(settled),
      () => busy.delete(settled),
    );
    busy.add(settled);
    return work;
  };
  const told: UsageEvent[] = [];
  let drawing: Drawing = { streams: [], clients: [] };
  let isDead = false;
  const usage = await openUsage({
    store: {
      ...store,
      add: (minute) => (isDead ? Promise.resolve() : watched(store.add(minute))),
      told: (month) => watched(store.told(month)),
      tell: (month, thresholds) => (isDead ? Promise.resolve() : watched(store.tell(month, thresholds))),
      prune: (now) => watched(store.prune(now)),
    },
    reads: { drawing: () => drawing, wan },
    cap,
    days: createWallClock(zone),
    tell: (event) => void told.push(event),
    clock,
    log: silentLog,
  });
  const stopping = new AbortController();
  const runs = usage.run(stopping.signal);
  await clock.settle();
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    stopping.abort();
    await runs;
    await database[Symbol.asyncDispose]();
  };
  t.teardown(stop);
  return {
    usage,
    store,
    folder,
    clock,
    told,
    stop,
    async kill(): Promise<void> {
      isDead = true;
      await stop();
    },
    draw(next: Partial<Drawing>): void {
      drawing = { streams: [], clients: [], ...next };
    },
    /** Time passes, and what is due is on the disk afterwards. */
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 60_000) {
        await clock.advance(Math.min(60_000, left));
        while (busy.size > 0) {
          await Promise.all(busy);
          await new Promise((resolve) => setImmediate(resolve));
        }
        await clock.settle();
      }
    },
    async total(by: 'viewer' | 'client' | 'kind' = 'viewer', name: string | null = null): Promise<number> {
      const day = 86_400_000;
      const { series } = await usage.series({
        by,
        place: null,
        name,
        from: clock.now() - day,
        to: clock.now() + day,
        stepMs: null,
        most: 50,
      });
      return series.filter((one) => one.name !== 'other').reduce((sum, { total }) => sum + total.upBytes, 0);
    },
  };
}
