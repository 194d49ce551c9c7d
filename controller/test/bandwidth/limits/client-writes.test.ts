// How often limits are written at download clients in an hour of real unrest: bursts, noise of the WAN, viewers who come and go.
import t from 'tap';
import { decideCaps, NOTHING_DECIDED } from '../../../src/bandwidth/decide-caps.ts';
import { planWrites } from '../../../src/bandwidth/limits/plan-writes.ts';
import { seededRandom } from '../../fixtures/seeded-random.ts';
import { input, M, SETTINGS, torrent, watched } from '../fixtures/decision-input.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const INTERVAL_MS = 30_000;
const HOUR_S = 3_600;
const NONE = { normal: Number.POSITIVE_INFINITY, alternative: Number.POSITIVE_INFINITY };

type Unrest = {
  /** What part of what it may a client moves in this second. */
  readonly use: (second: number, client: number) => number;
  /** What others send. */
  readonly other: (second: number) => number;
  readonly watches: (second: number) => boolean;
};

/** By limit of a client: how often it was written in the hour. */
function writesOf({ use, other, watches }: Unrest): ReadonlyMap<string, number> {
  const settings = {
    ...SETTINGS,
    writeIntervalMs: INTERVAL_MS,
    torrents: { ...SETTINGS.torrents, share: 'activity', limitDownloads: 'always' } as const,
    torrentClients: Object.fromEntries(
      NAMES.map((name, i) => [name, { whileStreamingBps: null, whenIdleBps: null, weight: 1 + i }]),
    ),
  };
  const stands = new Map<string, { readonly bps: number; readonly at: number }>();
  const writes = new Map<string, number>();
  const most = (key: string, lineBps: number): number => Math.min(lineBps, stands.get(key)?.bps || lineBps);
  let memory = NOTHING_DECIDED;
  for (let second = 0; second < HOUR_S; second += 1) {
    const now = second * 1_000;
    const torrents = NAMES.map((name, i) =>
      torrent(name, {
        uploadBps: use(second, i) * most(`u/${name}`, 20 * M),
        downloadBps: use(second, i) * most(`d/${name}`, 150 * M),
        ...{ ceilingBps: NONE, downloadCeilingBps: NONE },
      }),
    );
    const streams = watches(second) ? [watched('anna', 8 * M)] : [];
    const given = input({ now, settings, streams, torrents, otherBps: other(second), otherDownBps: 3 * other(second) });
    const { decision, memory: next } = decideCaps(given, memory);
    memory = next;
    const caps = [
      ...decision.torrents.filter(({ mode }) => mode === 'normal').map((cap) => ({ ...cap, key: `u/${cap.client}` })),
      ...decision.downloads.filter(({ mode }) => mode === 'normal').map((cap) => ({ ...cap, key: `d/${cap.client}` })),
    ];
    const targets = caps.map(({ key }) => ({
      ...{ key, busy: false, rounded: Math.round },
      currentBps: stands.get(key)?.bps ?? 0,
      originalBps: (stands.get(key)?.bps ?? 0) > 0 ? 0 : null,
      writtenAt: stands.get(key)?.at ?? null,
    }));
    const due = planWrites(
      caps.map(({ key, capBps }) => ({ key, capBps, urgentAt: null })),
      new Map(targets.map((target) => [target.key, target])),
      { now, writeIntervalMs: INTERVAL_MS, newestStartAt: decision.newestStartAt },
    );
    for (const { key, bps } of due) {
      stands.set(key, { bps, at: now });
      writes.set(key, (writes.get(key) ?? 0) + 1);
    }
  }
  return writes;
}

const calm = { other: () => 3 * M, watches: () => true };
const noise = (seed: number): Pick<Unrest, 'use' | 'other'> => {
  const random = seededRandom(seed);
  return { use: () => (random() < 0.1 ? random() : 0), other: () => Math.max(0, 8 * M + (random() - 0.5) * 16 * M) };
};
/** Two seconds of traffic in every so many, at each client at another time. */
const bursts =
  (everyS: number, apartS: number): Unrest['use'] =>
  (second, client) =>
    (second + client * apartS) % everyS < 2 ? 1 : 0;

t.test('an hour of unrest: no limit of a client is written more often than once in the write interval', async (t) => {
  const hours: Record<string, Unrest> = {
    noise: { ...noise(1), watches: () => true },
    'noise, and viewers who come and go': { ...noise(2), watches: (second) => second % 300 < 150 },
  };
  for (const everyS of [30, 62, 70, 90, 122, 150, 182, 190, 240, 302])
    for (const apartS of [3, 17, Math.floor(everyS / 4)])
      hours[`bursts each ${everyS} s, ${apartS} s apart`] = { ...calm, use: bursts(everyS, apartS) };
  for (const [name, hour] of Object.entries(hours)) {
    const most = Math.max(...writesOf(hour).values());
    t.ok(most <= (HOUR_S * 1_000) / INTERVAL_MS, `${name}: ${most}`);
  }
});

t.test('whoever moves the same all the time is written once', async (t) => {
  t.same([...new Set(writesOf({ ...calm, use: () => 1 }).values())], [1]);
});
