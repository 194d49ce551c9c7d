// A day of a house at one turn a second, recorded by the real recorder: 20 users of whom up to six watch, two torrent clients, other traffic that moves.
import { mkdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { decideCaps, NOTHING_DECIDED } from '../../controller/src/bandwidth/decide-caps.ts';
import type { DecisionInput } from '../../controller/src/bandwidth/decision.ts';
import type { Onlooker } from '../../controller/src/bandwidth/onlooker.ts';
import { createOnlooker } from '../../controller/src/bandwidth/rehearsal/create-onlooker.ts';
import { createRecorder } from '../../controller/src/bandwidth/rehearsal/recording/recorder.ts';
import { createShelf } from '../../controller/src/bandwidth/rehearsal/recording/shelf.ts';
import { systemClock } from '../../controller/src/clock.ts';
import { silentLog } from '../../controller/src/log.ts';
import {
  input,
  M,
  playing,
  SETTINGS,
  torrent,
  viewer,
  watched,
} from '../../controller/test/bandwidth/fixtures/decision-input.ts';
import { seededRandom } from '../../controller/test/fixtures/seeded-random.ts';

export const DAY_S = 86_400;
const USERS = Array.from({ length: 20 }, (_, n) => `viewer-${n}`);
const CLIENTS = ['qbit', 'transmission'];
const MOST_STREAMS = 6;
const SETTINGS_OF_DAY = {
  ...SETTINGS,
  torrents: { ...SETTINGS.torrents, share: 'activity', limitDownloads: 'streaming' },
} as const;

export type RecordedDay = {
  /** Bytes on disk. */
  readonly bytes: number;
  /** Milliseconds of CPU, all threads, that the recording took beside what the day takes without it. */
  readonly cpuMs: number;
  readonly turns: number;
};

/** @param startUtc UTC ms of its first second. */
export async function recordDay(folder: string, startUtc: number, seed: number): Promise<RecordedDay> {
  await mkdir(folder, { recursive: true });
  const bare = await spendDay(startUtc, seed, null);
  const writes: Promise<unknown>[] = [];
  const shelf = createShelf({
    ...{ folder, by: 'bench', now: () => startUtc, thin: async () => {} },
    limits: { fullMs: 2 * DAY_S * 1_000, thinnedMs: 3 * DAY_S * 1_000, maxBytes: 1_000_000_000 },
  });
  const noting = {
    ...shelf,
    write(block: Parameters<typeof shelf.write>[0]) {
      const written = shelf.write(block);
      writes.push(written);
      return written;
    },
  };
  const recorder = createRecorder({ shelf: noting, configured: () => SETTINGS_OF_DAY, clock: systemClock, log: silentLog });
  const ending = new AbortController();
  const onlooker = createOnlooker(recorder, null);
  const running = onlooker?.run(ending.signal);
  const written = async (): Promise<void> => {
    await setImmediate();
    await Promise.all(writes.splice(0));
  };
  const recorded = await spendDay(startUtc, seed, { onlooker, written });
  ending.abort();
  await running;
  const { turns, bytes, problem } = recorder.state();
  if (problem !== null) throw new Error(problem);
  return { turns, bytes, cpuMs: recorded - bare };
}

type Looking = { readonly onlooker: Onlooker | null; readonly written: () => Promise<void> };

/** Answers with the milliseconds of CPU that it took. */
async function spendDay(startUtc: number, seed: number, looking: Looking | null): Promise<number> {
  const world = createHouse(startUtc, seed);
  const from = process.cpuUsage();
  let memory = NOTHING_DECIDED;
  for (let second = 0; second < DAY_S; second += 1) {
    const now = world(second);
    const { decision, memory: next } = decideCaps(now, memory);
    looking?.onlooker?.turn({ input: now, before: memory, decision, operatorChanged: false });
    memory = next;
    // A second passes: what is to be written gets its turn.
    if (second % 100 === 0) await looking?.written();
  }
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
}

function createHouse(startUtc: number, seed: number): (second: number) => DecisionInput {
  const random = seededRandom(seed);
  const viewers = USERS.map((name) => viewer(name));
  const watching = new Map<string, { readonly bps: number; readonly startedAt: number; readonly until: number }>();
  const rates = CLIENTS.map(() => ({ up: 0, down: 0 }));
  let [other, otherDown] = [3 * M, 20 * M];
  return (second) => {
    const now = 1_000_000.125 + second * 1_000 + random();
    for (const [name, { until }] of watching) if (second >= until) watching.delete(name);
    const name = USERS[Math.floor(random() * USERS.length)] ?? '';
    if (watching.size < MOST_STREAMS && random() < 1 / 600 && !watching.has(name))
      watching.set(name, { bps: Math.round((2 + random() * 12) * M), startedAt: now, until: second + 600 + random() * 7_000 });
    if (second % 2 === 0)
      for (const rate of rates) Object.assign(rate, { up: Math.round(random() * 6 * M), down: Math.round(random() * 40 * M) });
    other = Math.max(0, other + (random() - 0.5) * M);
    otherDown = Math.max(0, otherDown + (random() - 0.5) * 5 * M);
    return input(
      {
        ...{ now, utcNow: startUtc + second * 1_000, otherBps: other, otherDownBps: otherDown, routerSilentMs: random() * 1_000 },
        viewers,
        streams: [...watching].map(([user, { bps, startedAt }]) => streamOf(user, bps, startedAt, second)),
        torrents: CLIENTS.map((client, n) => torrent(client, { uploadBps: rates[n]?.up ?? 0, downloadBps: rates[n]?.down ?? 0 })),
      },
      SETTINGS_OF_DAY,
    );
  };
}

/** A player tells its place each 10 s. */
function streamOf(user: string, bps: number, startedAt: number, second: number): DecisionInput['streams'][number] {
  const told = Math.floor(second / 10) * 10_000;
  return watched(user, bps, { startedAt, stream: playing(user, { positionMs: told, lastCheckInAt: told, nominalBps: bps }) });
}
