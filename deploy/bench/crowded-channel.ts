// Two hundred viewers of one channel at 4 Mbit/s: what the stream process takes for them, and what the others notice of one that never reads.
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../controller/src/clock.ts';
import { openFfmpeg } from '../../controller/src/ffmpeg/open-ffmpeg.ts';
import { silentLog } from '../../controller/src/log.ts';
import type { ChannelLook } from '../../controller/src/on-air/live-messages.ts';
import type { PlanStep } from '../../controller/src/on-air/plan-step.ts';
import { sharedPicture } from '../../controller/src/wiring/television/channel-looks.ts';
import { type BenchLine, judge } from './bench-line.ts';
import { tenth, worst } from './figures.ts';
import type { JellyfinProcess } from './jellyfin-process.ts';
import { cpuMs, processTree, residentMb } from './process-figures.ts';
import { openStreamHouse } from './stream-house.ts';
import { openCrowd } from './viewer-crowd.ts';

const CHANNEL = 'crowd';
const WANTED_BPS = 4_000_000;
/** Joiners catch up with what lies between the last key frame and the live edge. */
const SETTLE_MS = 6_000;
const HOUR_MS = 3_600_000;

export type CrowdOptions = {
  readonly folder: string;
  readonly jellyfin: Pick<JellyfinProcess, 'streamOf'>;
  readonly film: { readonly name: string; readonly file: string };
  readonly viewers: number;
  readonly measureMs: number;
};

/** The film is copied: what it is, is what each viewer gets. */
export async function crowdLines(name: string, options: CrowdOptions): Promise<readonly BenchLine[]> {
  const { folder, jellyfin, film, viewers, measureMs } = options;
  const settings = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', acceleration: 'software', device: null, font: null } as const;
  const media = await openFfmpeg(settings, silentLog).probeMedia(film.file, AbortSignal.timeout(10_000));
  const picture = sharedPicture([media]);
  if (picture === null) throw new Error('the film cannot be copied');
  const look: ChannelLook = { channel: CHANNEL, name: 'Crowd', picture, watermark: null };
  await using house = await openStreamHouse(folder, [look]);
  await using crowd = openCrowd();
  const startMs = systemClock.now();
  const step: PlanStep = {
    ...{ entryId: 'film', startMs, endMs: startMs + HOUR_MS, title: film.name, transport: 'copy' },
    source: {
      ...{ kind: 'item', path: null, http: jellyfin.streamOf(film.name), fromMs: 0, media },
      ...{ audio: null, subtitle: null, gainDb: 0 },
    },
  };
  house.play(CHANNEL, [step]);
  const pid = house.host.pid() ?? 0;
  crowd.join(house.urlOf(CHANNEL), viewers);
  await wait(SETTLE_MS);
  const all = await measured({ crowd, pid, measureMs });
  const ffmpegs = processTree(pid).length - 1;
  const before = residentMb(pid);
  crowd.join(house.urlOf(CHANNEL), 1, true);
  await wait(SETTLE_MS);
  const stalled = await measured({ crowd, pid, measureMs });
  const after = residentMb(pid);
  const others = stalled.viewers.slice(0, viewers);
  const [session] = house.host.sessions();
  const skips = session?.viewers.map((viewer) => viewer.skips) ?? [];
  const skipped = skips.slice(0, viewers).filter((count) => count > 0).length;
  const rate = (one: { readonly bytes: number }, ms: number): number => (one.bytes * 8_000) / ms;
  const slowest = Math.min(...all.viewers.map((one) => rate(one, all.ms)));
  const least = Math.min(...others.map((one) => rate(one, stalled.ms)));
  const line = (text: string, value: number, unit: string, bound: Parameters<typeof judge>[1]): BenchLine =>
    judge({ name, line: text, value, unit }, bound);
  return [
    line(`rate of the slowest of ${viewers} viewers`, mbps(slowest), 'Mbit/s', { atLeast: WANTED_BPS / 1e6 }),
    line(`ffmpegs for ${viewers} viewers of one channel`, ffmpegs, 'processes', { atMost: 1 }),
    line(`CPU of the stream process for ${viewers} viewers, without its ffmpeg`, tenth(all.cpuPercent), '% of a core', {
      atMost: 25,
    }),
    line(
      `longest wait of any of ${viewers} viewers for a piece`,
      tenth(worst(all.viewers.map(({ longestMs }) => longestMs))),
      'ms',
      { atMost: 300 },
    ),
    line('beside one that never reads: rate of the slowest other', mbps(least), 'Mbit/s', { atLeast: WANTED_BPS / 1e6 }),
    line('beside one that never reads: longest wait of any other', tenth(worst(others.map(({ longestMs }) => longestMs))), 'ms', {
      atMost: 300,
    }),
    line('beside one that never reads: others that were skipped forward', skipped, 'viewers', { atMost: 0 }),
    line('one that never reads: memory of the stream process grows by', tenth(after - before), 'MB', { atMost: 30 }),
  ];
}

const mbps = (bps: number): number => Math.round(bps / 1e4) / 100;

type Measuring = { readonly crowd: ReturnType<typeof openCrowd>; readonly pid: number; readonly measureMs: number };

async function measured({ crowd, pid, measureMs }: Measuring) {
  crowd.begin();
  const [from, cpu] = [performance.now(), cpuMs(pid)];
  await wait(measureMs);
  const [ms, spent] = [performance.now() - from, cpuMs(pid) - cpu];
  const report = await crowd.report();
  return { ...report, cpuPercent: (100 * spent) / ms };
}
