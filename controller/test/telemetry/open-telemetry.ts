// Telemetry with a broker in memory, a clock that the test moves and a real database in a folder.
import { createTypedLink } from '@headgate/protocol';
import type { Test } from 'tap';
import { systemClock } from '../../src/clock.ts';
import { telemetryMigration } from '../../src/database/migrations/003-telemetry.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { silentLog } from '../../src/log.ts';
import { createHistoryStore, type HistoryStore, type TelemetryTables } from '../../src/telemetry/history-store.ts';
import { createTelemetry } from '../../src/telemetry/telemetry-service.ts';
import { createFakeClock, type FakeClock } from '../fixtures/fake-clock.ts';
import { createMemoryBroker } from '../fixtures/memory-broker.ts';
import { linkOf, throughputOf } from './messages.ts';

export type RunOptions = {
  readonly folder?: string;
  readonly clock?: FakeClock;
  readonly retained?: Readonly<Record<string, string>>;
};

/** Runs until `stop`, which is also called after the test. */
export async function runTelemetry(t: Test, { folder = t.testdir(), clock = createFakeClock(), retained = {} }: RunOptions = {}) {
  const database = await openDatabase({ path: folder, clock: systemClock, log: silentLog, migrations: [telemetryMigration] });
  const broker = createMemoryBroker(retained);
  const bad: string[] = [];
  const link = createTypedLink(broker, 'headgate', ({ topic }) => void bad.push(topic));
  const { store, written } = watchWrites(createHistoryStore(database.tables<TelemetryTables>()));
  const telemetry = createTelemetry({ link, store, primary: { router: null, wan: null }, clock, log: silentLog });
  const stopping = new AbortController();
  const runs = telemetry.run(stopping.signal);
  await clock.settle();
  /** Time passes, and what is due is on the disk afterwards. */
  const pass = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    await written();
    await clock.settle();
  };
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    stopping.abort();
    await runs;
    await database[Symbol.asyncDispose]();
  };
  t.teardown(stop);
  const say = (upBps: number, wan = 'router/wan'): void => {
    const [router = '', name = ''] = wan.split('/');
    broker.say(
      `headgate/router/${router}/wan/${name}/throughput`,
      JSON.stringify(throughputOf({ up_bps: upBps, down_bps: 1_000 })),
    );
  };
  return {
    telemetry,
    broker,
    clock,
    store,
    folder,
    bad,
    stop,
    say,
    pass,
    /** One sample a second. */
    async flow(seconds: number, upBps: number): Promise<void> {
      for (let s = 0; s < seconds; s += 1) {
        await pass(1_000);
        say(upBps);
      }
    },
    sayLink: (wan: string, change: Parameters<typeof linkOf>[0]): void =>
      broker.say(`headgate/router/router/wan/${wan}/link`, JSON.stringify(linkOf(change)), { retain: true }),
    total: async (from: number, to: number, most = 100_000): Promise<number> =>
      (await telemetry.history('router/wan', from, to, most)).reduce((sum, { samples }) => sum + samples, 0),
  };
}

/** The clock is the test's, the disk is not: `written` waits for the writes that are under way. */
function watchWrites(store: HistoryStore): { readonly store: HistoryStore; readonly written: () => Promise<void> } {
  const busy = new Set<Promise<void>>();
  const watched = (write: Promise<void>): Promise<void> => {
    const settled: Promise<void> = write.then(
      () => void busy.delete(settled),
      () => void busy.delete(settled),
    );
    busy.add(settled);
    return write;
  };
  return {
    store: {
      ...store,
      addMinutes: (minutes) => watched(store.addMinutes(minutes)),
      rollUp: (now) => watched(store.rollUp(now)),
    },
    async written() {
      while (busy.size > 0) {
        await Promise.all(busy);
        // A roll-up follows the minutes of its hour.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}
