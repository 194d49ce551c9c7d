// Tuning in through the whole controller: first bytes in every state, joining what runs, and the way through a Jellyfin.
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../controller/src/clock.ts';
import { type BenchLine, judge } from './bench-line.ts';
import { median, tenth, worst } from './figures.ts';
import type { JellyfinProcess } from './jellyfin-process.ts';
import { keyFrames } from './key-frames.ts';
import { cameAt, viewStream } from './stream-viewer.ts';
import { openTelevisionHome, type TelevisionHome } from './television-home.ts';

/** The least that the configuration allows: each tune-in after it is a cold one. */
const IDLE_STOP_MS = 1_000;
const OTHERS = 2;
const JOIN_BYTES = 65_536;
const TALLIES_MS = 20_000;

export type TuneInOptions = {
  readonly bundles: string;
  readonly jellyfin: JellyfinProcess;
  readonly runs: { readonly each: number; readonly joins: number };
};

/** Cold: nothing runs; others run; the controller was started just now. Then joining. */
export async function tuneInLines(name: string, { bundles, jellyfin, runs }: TuneInOptions): Promise<readonly BenchLine[]> {
  await using home = await openTelevisionHome({ bundles, jellyfin, channels: { idle_stop: `${IDLE_STOP_MS / 1_000}s` } });
  await home.start();
  const channels: number[] = [];
  for (let n = 0; n <= OTHERS; n += 1) channels.push(await home.addChannel('Films', { name: `Channel ${n}` }));
  const [first = 0, ...others] = channels;
  await slatesAreMade(home, first);
  const idle = await repeat(runs.each, () => coldBytes(home, first));
  const joins = await joining(home, first, runs.joins);
  const held = others.map((channel) => viewStream(home.urlOf(channel), { keep: 0 }));
  await Promise.all(held.map((viewer) => viewer.first));
  await wait(2_000);
  const busy = await repeat(runs.each, () => coldBytes(home, first));
  for (const viewer of held) viewer[Symbol.dispose]();
  const restarted = await repeat(runs.each, async () => {
    await home.home.controller.stop();
    await home.start();
    return await coldBytes(home, first);
  });
  return [
    bytesLine(name, 'nothing else runs', idle),
    bytesLine(name, `${OTHERS} other channels run`, busy),
    bytesLine(name, 'at the very start of the controller, slates on disk', restarted),
    judge(
      {
        name,
        line: `joining a running channel, request to first byte, median of ${joins.length} (worst ${tenth(worst(joins))} ms)`,
        value: tenth(median(joins)),
        unit: 'ms',
      },
      { atMost: 30 },
    ),
  ];
}

const bytesLine = (name: string, state: string, times: readonly number[]): BenchLine => {
  const line = `cold tune-in, request to first byte, ${state}, worst of ${times.length} (median ${tenth(median(times))} ms)`;
  return judge({ name, line, value: tenth(worst(times)), unit: 'ms' }, { atMost: 100 });
};

async function repeat(count: number, one: () => Promise<number>): Promise<readonly number[]> {
  const values: number[] = [];
  for (let n = 0; n < count; n += 1) values.push(await one());
  return values;
}

/** The first tune-in of a new channel waits for ffmpeg to draw its slate; that is no figure, and over once. */
async function slatesAreMade(home: TelevisionHome, channel: number): Promise<void> {
  for (const end = performance.now() + TALLIES_MS; performance.now() < end; await wait(200)) {
    using viewer = viewStream(home.urlOf(channel), { keep: 0 });
    const ms = await viewer.first.catch(() => Number.POSITIVE_INFINITY);
    if (ms < 1_000) break;
  }
  await home.untilIdle();
}

/** And leaves, until nothing of the session is left. */
async function coldBytes(home: TelevisionHome, channel: number): Promise<number> {
  const viewer = viewStream(home.urlOf(channel), { keep: 0 });
  const ms = await viewer.first;
  viewer[Symbol.dispose]();
  await wait(IDLE_STOP_MS + 500);
  return ms;
}

/** Each must find a key frame in its first 64 KiB. @throws Error where one does not */
async function joining(home: TelevisionHome, channel: number, count: number): Promise<readonly number[]> {
  using running = viewStream(home.urlOf(channel), { keep: 0 });
  await running.first;
  await wait(4_000);
  const values = await repeat(count, async () => {
    using viewer = viewStream(home.urlOf(channel));
    const ms = await viewer.first;
    for (const end = performance.now() + 5_000; viewer.body().length < 4 * JOIN_BYTES && performance.now() < end; )
      await wait(10);
    const key = keyFrames(viewer.body())[0];
    if (key === undefined || key.from >= JOIN_BYTES) throw new Error('a joiner has no key frame in its first 64 KiB');
    if (!(cameAt(viewer, key.to) < 1_000)) throw new Error('a joiner waits for its key frame');
    return ms;
  });
  return values;
}

const PRE_WARM_MS = 40_000;
const JELLYFIN_PROBE_MS = 3_000;

type Status = { readonly servers: readonly { readonly channels: readonly { readonly pre_warmed: string | null }[] }[] };

/** A television that tunes in at a Jellyfin which probes as the real one does. */
export async function jellyfinLines(name: string, bundles: string, file: string): Promise<readonly BenchLine[]> {
  const library = [{ name: 'Films', films: [{ name: 'Film', file }] }];
  const simulator = { library, probeWaitMs: JELLYFIN_PROBE_MS, guideTaskMs: 200, users: [{ name: 'anna' }] };
  await using home = await openTelevisionHome({ bundles, jellyfin: null, simulator });
  await home.start();
  await home.addChannel('Films', { name: 'Warm' });
  await home.api().call('POST', '/api/livetv/register');
  const { jellyfin } = home.home;
  const warmed = async (): Promise<boolean> => {
    const { servers } = await home.api().get<Status>('/api/livetv/status');
    return servers.some(({ channels }) => channels.length > 0 && channels.every(({ pre_warmed: at }) => at !== null));
  };
  const end = systemClock.monotonic() + PRE_WARM_MS;
  while (!(await warmed())) {
    if (systemClock.monotonic() > end) throw new Error('the channel was not warmed');
    await wait(250);
  }
  const tune = async (): Promise<number> => {
    await using viewer = await jellyfin.tuneIn({ user: 'anna', channelName: 'Warm' });
    return tenth(viewer.firstByteMs);
  };
  const first = await tune();
  jellyfin.liveTv.forgetProbes();
  const cold = await tune();
  const second = await tune();
  const baseline = { name: 'the first without pre-warming', value: cold };
  return [
    judge(
      { name, line: 'through Jellyfin: the first viewer ever, channel pre-warmed', value: first, unit: 'ms', baseline },
      { atMost: 500 },
    ),
    judge({ name, line: 'through Jellyfin: the second tune-in', value: second, unit: 'ms', baseline }, { atMost: 500 }),
  ];
}
