// Hears the routers: the latest of each, which WAN is primary, and three tiers of history.
import type { TypedLink } from '@headgate/protocol';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { createListeners } from '../listeners.ts';
import type { Log } from '../log.ts';
import { type Bucket, HOUR_MS, MINUTE_MS, toBuckets } from './bucket.ts';
import type { HistoryStore } from './history-store.ts';
import { primaryWan, type WantedWan } from './primary-wan.ts';
import { readHistory } from './read-history.ts';
import { createSecondHistory, type SecondHistory } from './second-history.ts';
import { createLatest, type RouterLatest, type WanLatest } from './wan-latest.ts';

export type TelemetryDeps = {
  readonly link: TypedLink;
  readonly store: HistoryStore;
  readonly primary: WantedWan;
  readonly clock: Clock;
  readonly log: Log;
};

export type Telemetry = {
  wans(): readonly WanLatest[];
  routers(): readonly RouterLatest[];
  primary(): WanLatest | null;
  /** Called after each throughput sample, and after each change of a link or of SQM. Answers with a function that ends it. */
  onChange(listener: () => void): () => void;
  /** Called where a router or a WAN appeared, or a router's version changed: not each second. */
  onNames(listener: () => void): () => void;
  /** Means of the primary WAN over the last `ms`; null where nothing was heard in that time. */
  means(ms: number): { readonly upBps: number; readonly downBps: number } | null;
  /** At most `most` buckets of one WAN (`router/wan`), from the finest tier that covers the range. UTC ms. */
  history(wan: string, from: number, to: number, most: number): Promise<readonly Bucket[]>;
  /** Hears until the signal fires; then writes the minute that is open. */
  run(signal: AbortSignal): Promise<void>;
};

export function createTelemetry({ link, store, primary, clock, log }: TelemetryDeps): Telemetry {
  const latest = createLatest();
  const seconds = new Map<string, SecondHistory>();
  const changes = createListeners();
  const changed = (): void => {
    names.look();
    changes.tell();
  };
  const names = createNameWatch(latest);
  const primaryNow = (): WanLatest | null => primaryWan(latest.wans(), clock.monotonic(), primary);
  const minutes = createMinuteWriter({ seconds, store, clock, log });

  async function hear(): Promise<(() => Promise<void>)[]> {
    return await Promise.all([
      link.hear('throughput', ({ value, names: { router, wan } }) => {
        const utc = clock.now();
        if (!latest.take(router, wan, { throughput: value, heardAt: clock.monotonic(), heardUtc: utc })) return;
        ringOf(seconds, `${router}/${wan}`).add({ at: utc, upBps: value.up_bps, downBps: value.down_bps });
        changed();
      }),
      link.hear('sqm', ({ value, names: { router, wan } }) => {
        if (latest.take(router, wan, { sqm: value })) changed();
      }),
      link.hear('link', ({ value, names: { router, wan } }) => {
        if (latest.take(router, wan, { link: value })) changed();
      }),
      link.hear('routerPresence', ({ value, names: { router } }) => {
        latest.takeRouter(router, { presence: value });
        log.info({ router, state: value.state }, 'router agent');
        changed();
      }),
      link.hear('shaperState', ({ value, names: { router } }) => latest.takeRouter(router, { shaper: value })),
    ]);
  }

  return {
    wans: latest.wans,
    routers: latest.routers,
    primary: primaryNow,
    onChange: changes.on,
    onNames: names.onChange,
    means(ms) {
      const wan = primaryNow();
      const points = wan === null ? [] : (seconds.get(`${wan.router}/${wan.wan}`)?.since(clock.now() - ms) ?? []);
      const [mean] =
        points.length === 0
          ? []
          : toBuckets(
              points.map((point) => ({ ...point, at: 0 })),
              1,
            );
      return mean ? { upBps: mean.upBps, downBps: mean.downBps } : null;
    },
    history: (wan, from, to, most) => readHistory({ seconds, store, now: clock.now() }, { wan, from, to, most }),
    async run(signal) {
      const hearing = await hear();
      await minutes.run(signal);
      await Promise.allSettled(hearing.map((end) => end()));
    },
  };
}

/** Tells of routers and WANs that appeared, and of new versions: once each, not each second. */
function createNameWatch(latest: ReturnType<typeof createLatest>) {
  const changes = createListeners();
  let before = '';
  return {
    onChange: changes.on,
    look(): void {
      const wans = latest.wans().map(({ router, wan }) => [router, wan]);
      const now = JSON.stringify([wans, latest.routers().map(({ router, presence }) => [router, presence?.version])]);
      if (now === before) return;
      before = now;
      changes.tell();
    },
  };
}

function ringOf(seconds: Map<string, SecondHistory>, wan: string): SecondHistory {
  const ring = seconds.get(wan) ?? createSecondHistory();
  seconds.set(wan, ring);
  return ring;
}

type MinuteDeps = {
  readonly seconds: ReadonlyMap<string, SecondHistory>;
  readonly store: HistoryStore;
  readonly clock: Clock;
  readonly log: Log;
};

const SET_BACK_MS = 5 * MINUTE_MS;

/** One transaction a minute, however many WANs: a disk at home is not to be woken each second. */
function createMinuteWriter({ seconds, store, clock, log }: MinuteDeps) {
  let writtenUntil = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
  let rolledAt = 0;
  let ahead = clock.now() - clock.monotonic();
  let believedFrom = 0;
  async function write(until: number): Promise<void> {
    // A clock that was set back by a little would write the same minutes twice; one that was far ahead must not silence us for years.
    if (until < writtenUntil - SET_BACK_MS) writtenUntil = Math.floor(until / MINUTE_MS) * MINUTE_MS;
    if (until <= writtenUntil) return;
    const whole = [...seconds].flatMap(([wan, ring]) =>
      toBuckets(ring.range(writtenUntil, until), MINUTE_MS).map((bucket) => ({ wan, bucket })),
    );
    await store.addMinutes(whole);
    writtenUntil = until;
    // A clock that leapt ahead makes everything old: it is believed after an hour.
    if (Math.abs(clock.now() - clock.monotonic() - ahead) > SET_BACK_MS) believedFrom = clock.monotonic() + HOUR_MS;
    ahead = clock.now() - clock.monotonic();
    if (clock.monotonic() < believedFrom || Math.abs(until - rolledAt) < HOUR_MS) return;
    await store.rollUp(until);
    rolledAt = Math.floor(until / HOUR_MS) * HOUR_MS;
  }
  const attempt = (until: number): Promise<void> =>
    write(until).catch((error: unknown) => log.warn({ error: messageOf(error) }, 'history not written'));
  return {
    async run(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        await clock.sleep(MINUTE_MS - (clock.now() % MINUTE_MS) + 500, signal).catch(() => {});
        if (!signal.aborted) await attempt(Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS);
      }
      // One more: the sample of this very millisecond belongs to it.
      await attempt(clock.now() + 1);
    },
  };
}
