// How soon a programme is on: the stream process beside bare ffmpeg with the same arguments, on the same films of the same Jellyfin.
import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../controller/src/clock.ts';
import { ffmpegArguments } from '../../controller/src/ffmpeg/ffmpeg-arguments.ts';
import { openFfmpeg } from '../../controller/src/ffmpeg/open-ffmpeg.ts';
import { silentLog } from '../../controller/src/log.ts';
import type { ChannelLook, LiveSettings } from '../../controller/src/on-air/live-messages.ts';
import type { MediaInfo } from '../../controller/src/on-air/media-info.ts';
import type { Picture } from '../../controller/src/on-air/picture.ts';
import type { PlanStep } from '../../controller/src/on-air/plan-step.ts';
import { normalPicture, sharedPicture } from '../../controller/src/wiring/television/channel-looks.ts';
import { bareFfmpeg } from './bare-ffmpeg.ts';
import { type BenchLine, judge } from './bench-line.ts';
import { median, tenth, worst } from './figures.ts';
import type { JellyfinProcess } from './jellyfin-process.ts';
import { openStreamHouse, type StreamHouse } from './stream-house.ts';
import { HARD_FILM_S, HARD_FILMS, seedFilm } from './stream-media.ts';
import { cameAt, viewStream } from './stream-viewer.ts';

const SEED_S = 1_800;
const SEED_OFFSET_MS = 600_000;
const HARD_OFFSET_MS = 60_000;
/** A programme is sought to so much before the live edge, which viewers get at once (controller/src/live/broadcast.ts). */
const BURST_MS = 2_500;
const REST_MS = 300;

export const SEED = 'Seed';

/** Films of the benches by name, made in a folder. */
export async function makeFilms(folder: string): Promise<ReadonlyMap<string, string>> {
  const films = new Map([[SEED, await seedFilm(folder, SEED_S)]]);
  for (const { name, make } of HARD_FILMS) films.set(name, await make(folder));
  return films;
}

export type StartsOptions = {
  readonly folder: string;
  readonly jellyfin: Pick<JellyfinProcess, 'streamOf'>;
  readonly films: ReadonlyMap<string, string>;
  readonly runs: { readonly seed: number; readonly hard: number; readonly copy: number };
};

type Start = { readonly oursMs: number; readonly bareMs: number };

const settings: Omit<LiveSettings, 'slateFolder' | 'idleStopMs' | 'maxSessions' | 'maxViewers'> = {
  ...{ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe', acceleration: 'software', device: null, font: null },
};

/** Cold starts in mid-film, and copies from a film's start. */
export async function startLines(name: string, { folder, jellyfin, films, runs }: StartsOptions): Promise<readonly BenchLine[]> {
  const { probeMedia } = openFfmpeg(settings, silentLog);
  const media = new Map<string, MediaInfo>();
  for (const [film, file] of films) media.set(film, await probeMedia(file, AbortSignal.timeout(10_000)));
  const copied = sharedPicture([media.get(SEED) ?? null]);
  if (copied === null) throw new Error('the seed film cannot be copied');
  const encode: ChannelLook = lookOf('encode', normalPicture({ size: 'small', fps: 25 }));
  const copy: ChannelLook = lookOf('copy', copied);
  await using house = await openStreamHouse(folder, [encode, copy]);
  const rig = { house, jellyfin, media };
  const lines: BenchLine[] = [];
  for (const film of films.keys()) {
    const isSeed = film === SEED;
    const startMs = isSeed ? SEED_OFFSET_MS : HARD_OFFSET_MS;
    const lengthMs = (isSeed ? SEED_S : HARD_FILM_S) * 1_000;
    const starts = await repeat(isSeed ? runs.seed : runs.hard, () =>
      encodedStart(rig, encode, { film, intoMs: startMs, lengthMs }),
    );
    lines.push(isSeed ? seedLine(name, starts) : hardLine(name, film, starts));
  }
  const copies = await repeat(runs.copy, () => copiedStart(rig, copy));
  return [...lines, copyLine(name, copies)];
}

const lookOf = (channel: string, picture: Picture): ChannelLook => ({ channel, name: 'Bench', picture, watermark: null });

async function repeat(count: number, one: () => Promise<Start>): Promise<readonly Start[]> {
  const starts: Start[] = [];
  for (let n = 0; n < count; n += 1) {
    starts.push(await one());
    await wait(REST_MS);
  }
  return starts;
}

const ours = (starts: readonly Start[]): number => tenth(median(starts.map(({ oursMs }) => oursMs)));
const bare = (starts: readonly Start[]): number => tenth(median(starts.map(({ bareMs }) => bareMs)));
const most = (starts: readonly Start[]): number => tenth(worst(starts.map(({ oursMs }) => oursMs)));

function seedLine(name: string, starts: readonly Start[]): BenchLine {
  const line = `cold tune-in to the first programme key frame, seeds' film at 600 s, median of ${starts.length} (worst ${most(starts)} ms)`;
  const baseline = { name: 'bare ffmpeg, same filters and encoder', value: bare(starts) };
  return judge({ name, line, value: ours(starts), unit: 'ms', baseline }, { atMost: 1_000 });
}

function hardLine(name: string, film: string, starts: readonly Start[]): BenchLine {
  const line = `cold tune-in to the first programme key frame, ${film}, median of ${starts.length}`;
  const baseline = { name: 'bare ffmpeg, same filters and encoder', value: bare(starts) };
  return judge({ name, line, value: ours(starts), unit: 'ms', baseline }, { ratioAtMost: 1.3 });
}

function copyLine(name: string, starts: readonly Start[]): BenchLine {
  const line = `cold copy at a film's start to the first programme bytes, median of ${starts.length} interleaved`;
  const baseline = { name: '`ffmpeg -ss 0 -i URL -c copy -f mpegts pipe:1`', value: bare(starts) };
  return judge({ name, line, value: ours(starts), unit: 'ms', baseline }, { atMost: tenth(bare(starts) + 20) });
}

type Rig = {
  readonly house: StreamHouse;
  readonly jellyfin: Pick<JellyfinProcess, 'streamOf'>;
  readonly media: ReadonlyMap<string, MediaInfo>;
};
type Place = { readonly film: string; readonly intoMs: number; readonly lengthMs: number };

function stepOf({ jellyfin, media }: Rig, { film, intoMs, lengthMs }: Place, transport: PlanStep['transport']): PlanStep {
  const startMs = systemClock.now() - intoMs;
  return {
    ...{ entryId: `${film}-${startMs}`, startMs, endMs: startMs + lengthMs, title: film, transport },
    source: {
      ...{ kind: 'item', path: null, http: jellyfin.streamOf(film), fromMs: 0, media: media.get(film) ?? null },
      ...{ audio: null, subtitle: null, gainDb: 0 },
    },
  };
}

/** A session of its own, from the question to the first key frame that is not the slate's. */
async function tuneIn(
  { house }: Rig,
  channel: string,
  step: PlanStep,
): Promise<{ readonly fromMs: number; readonly wholeMs: number; readonly body: Buffer }> {
  house.play(channel, [step]);
  using viewer = viewStream(house.urlOf(channel));
  await viewer.first;
  for (let waited = 0; waited < 20_000; waited += 50) {
    await wait(50);
    const body = viewer.body();
    const key = house.programmeKey(body);
    if (key === null) continue;
    house.host.endChannel(channel);
    return { fromMs: cameAt(viewer, key.from + 1), wholeMs: cameAt(viewer, key.to), body: body.subarray(0, key.to) };
  }
  throw new Error(`${step.title}: no programme came`);
}

async function encodedStart(rig: Rig, look: ChannelLook, place: Place): Promise<Start> {
  const { picture, channel } = look;
  const media = rig.media.get(place.film) ?? null;
  const { url, headers } = rig.jellyfin.streamOf(place.film);
  const input = {
    kind: 'file',
    from: url,
    seekMs: place.intoMs - BURST_MS,
    media,
    audio: null,
    subtitle: null,
    gainDb: 0,
  } as const;
  const durationMs = place.lengthMs - place.intoMs;
  const order = { input, durationMs, picture, watermark: null, transport: 'encode', hurry: true } as const;
  const { keyMs } = await bareFfmpeg(ffmpegArguments(order, media, { ...settings, zscale: true }), headers);
  await wait(REST_MS);
  const { wholeMs, body } = await tuneIn(rig, channel, stepOf(rig, place, 'encode'));
  await looksLikeTheFilm(body);
  return { oursMs: wholeMs, bareMs: keyMs };
}

async function copiedStart(rig: Rig, { channel }: ChannelLook): Promise<Start> {
  const { url, headers } = rig.jellyfin.streamOf(SEED);
  const { firstMs } = await bareFfmpeg(['-nostdin', '-ss', '0', '-i', url, '-c', 'copy', '-f', 'mpegts', 'pipe:1'], headers);
  await wait(REST_MS);
  const { fromMs } = await tuneIn(rig, channel, stepOf(rig, { film: SEED, intoMs: 0, lengthMs: SEED_S * 1_000 }, 'copy'));
  return { oursMs: fromMs, bareMs: firstMs };
}

/** The last picture of the recording is bright and of many colours, which no slate is. @throws Error where it is not */
async function looksLikeTheFilm(body: Buffer): Promise<void> {
  const args = [
    '-v',
    'error',
    '-i',
    'pipe:0',
    '-map',
    '0:v',
    '-vf',
    'scale=16:16',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    'pipe:1',
  ];
  const pictures = await new Promise<Buffer>((resolve, reject) => {
    const child = execFile('ffmpeg', args, { encoding: 'buffer' }, (error, out) => (error ? reject(error) : resolve(out)));
    child.stdin?.on('error', () => {});
    child.stdin?.end(body);
  });
  const last = pictures.subarray(-256);
  const mean = last.reduce((sum, level) => sum + level, 0) / last.length;
  if (!(mean > 60)) throw new Error(`the first programme picture is as dark as the slate (mean ${mean})`);
}
