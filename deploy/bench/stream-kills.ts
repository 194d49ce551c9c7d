// SIGKILL of what a channel stands on, while it is watched: how long viewers get nothing, what is left running, how soon the next one is served.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type BenchLine, judge } from './bench-line.ts';
import { tenth, worst } from './figures.ts';
import type { JellyfinProcess } from './jellyfin-process.ts';
import { processTree } from './process-figures.ts';
import { longestSilence, type StreamViewer, viewStream } from './stream-viewer.ts';
import { openTelevisionHome, type TelevisionHome } from './television-home.ts';

const IDLE_STOP_MS = 1_000;
const ON_AIR_MS = 60_000;
const AFTER_FFMPEG_MS = 4_000;
/** ffmpeg's own patience with a server that hung up (3 s), and the card behind it. */
const AFTER_JELLYFIN_MS = 7_000;
/** Some seconds were read ahead, 3 s of silence end an ffmpeg; then the next one hangs. */
const HANGING_MS = 8_000;
const ORPHANS_MS = 5_000;

export type KillOptions = {
  readonly bundles: string;
  readonly jellyfin: JellyfinProcess;
  /** That are watched at a time: each gives a figure a round. */
  readonly channels: number;
  readonly rounds: number;
};

export async function killLines(
  name: string,
  { bundles, jellyfin, channels: count, rounds }: KillOptions,
): Promise<readonly BenchLine[]> {
  await using home = await openTelevisionHome({ bundles, jellyfin, channels: { idle_stop: `${IDLE_STOP_MS / 1_000}s` } });
  await home.start();
  const channels: number[] = [];
  for (let n = 0; n < count; n += 1) channels.push(await home.addChannel('Films', { name: `Channel ${n}` }));
  const rig = { home, jellyfin, channels };
  const ofFfmpeg = await repeat(rounds, () => killFfmpegs(rig));
  const ofJellyfin = await repeat(rounds, () => killJellyfin(rig));
  const controller: ControllerKill[] = [];
  for (const state of STATES) controller.push(await killController(rig, state));
  return [
    silenceLine(name, 'SIGKILL of ffmpeg', ofFfmpeg),
    silenceLine(name, 'SIGKILL of Jellyfin', ofJellyfin),
    ...controller.flatMap((kill) => controllerLines(name, kill)),
  ];
}

type Rig = { readonly home: TelevisionHome; readonly jellyfin: JellyfinProcess; readonly channels: readonly number[] };

function silenceLine(name: string, what: string, silences: readonly number[]): BenchLine {
  const line = `${what}: longest silence at a viewer, worst of ${silences.length}`;
  return judge({ name, line, value: Math.round(worst(silences)), unit: 'ms' }, { atMost: 1_000 });
}

async function repeat(rounds: number, one: () => Promise<readonly number[]>): Promise<readonly number[]> {
  const all: number[] = [];
  for (let n = 0; n < rounds; n += 1) all.push(...(await one()));
  return all;
}

type Health = { readonly running: { readonly showing: string; readonly tune_in_ms: number | null } | null };

/** Programmes are on at all of them, in sessions of their own, and a moment passed that differs from round to round. */
async function watchAll({ home, channels }: Rig): Promise<readonly StreamViewer[]> {
  const viewers = channels.map((channel) => viewStream(home.urlOf(channel), { keep: 0 }));
  await Promise.all(viewers.map(({ first }) => first));
  for (const channel of channels) {
    for (const end = performance.now() + ON_AIR_MS; ; await wait(100)) {
      const { running } = await home.api().get<Health>(`/api/channels/${channel}/health`);
      if (running?.showing === 'programme') break;
      if (performance.now() > end) throw new Error(`channel ${channel} has no programme, but ${JSON.stringify(running)}`);
    }
  }
  await wait(1_000 + Math.random() * 1_000);
  return viewers;
}

async function leave({ home }: Rig, viewers: readonly StreamViewer[]): Promise<void> {
  for (const viewer of viewers) viewer[Symbol.dispose]();
  await home.untilIdle();
}

async function killFfmpegs(rig: Rig): Promise<readonly number[]> {
  const viewers = await watchAll(rig);
  const killed = ffmpegsOf(rig.home);
  if (killed.length < rig.channels.length) throw new Error(`only ${killed.length} ffmpegs run`);
  const from = performance.now();
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  const silences = await silencesAfter(viewers, from, AFTER_FFMPEG_MS);
  await leave(rig, viewers);
  return silences;
}

async function killJellyfin(rig: Rig): Promise<readonly number[]> {
  const viewers = await watchAll(rig);
  const from = performance.now();
  await rig.jellyfin.process.end('SIGKILL');
  const silences = await silencesAfter(viewers, from, AFTER_JELLYFIN_MS);
  await leave(rig, viewers);
  await rig.jellyfin.process.start();
  return silences;
}

async function silencesAfter(viewers: readonly StreamViewer[], from: number, ms: number): Promise<readonly number[]> {
  await wait(ms);
  const to = performance.now();
  if (viewers.some((viewer) => viewer.isClosed())) throw new Error('a viewer was cut off');
  return viewers.map((viewer) => longestSilence(viewer, from, to));
}

type State = {
  readonly name: string;
  readonly prepare: (rig: Rig) => Promise<readonly StreamViewer[]>;
  readonly settle: (rig: Rig) => void;
};
type ControllerKill = {
  readonly state: string;
  readonly killed: number;
  readonly left: number;
  readonly goneMs: number;
  readonly againMs: number;
};

const nothing = (): void => {};

const STATES: readonly State[] = [
  { name: 'playing', prepare: watchAll, settle: nothing },
  {
    name: 'held back at its pipe',
    // Seconds ahead of the live edge nothing is read any more.
    async prepare(rig) {
      const viewers = await watchAll(rig);
      await wait(6_000);
      return viewers;
    },
    settle: nothing,
  },
  {
    name: 'hanging on a silent source',
    // Alive, its sockets open, and mute: what was read runs out, and whatever is begun anew waits for its first byte.
    async prepare(rig) {
      const viewers = await watchAll(rig);
      rig.jellyfin.process.freeze(true);
      await wait(HANGING_MS);
      for (const end = performance.now() + ON_AIR_MS; ffmpegsOf(rig.home).length === 0 && performance.now() < end; )
        await wait(20);
      return viewers;
    },
    settle: (rig) => rig.jellyfin.process.freeze(false),
  },
];

async function killController(rig: Rig, { name: state, prepare, settle }: State): Promise<ControllerKill> {
  const { home, channels } = rig;
  const viewers = await prepare(rig);
  const ffmpegs = ffmpegsOf(home);
  const sources = new Set(ffmpegs.map(sourceOf));
  const from = performance.now();
  await home.home.controller.kill();
  // Also those that began after the list was made: they read from the same address.
  const alive = (): readonly number[] => allProcesses().filter((pid) => isFfmpeg(pid) && sources.has(sourceOf(pid)));
  while (alive().length > 0 && performance.now() - from < ORPHANS_MS) await wait(20);
  const [left, goneMs] = [alive().length, performance.now() - from];
  for (const viewer of viewers) viewer[Symbol.dispose]();
  settle(rig);
  await home.start();
  const again = viewStream(home.urlOf(channels[0] ?? 0), { keep: 0 });
  const againMs = await again.first;
  await leave(rig, [again]);
  return { state, killed: ffmpegs.length, left, goneMs, againMs };
}

function controllerLines(name: string, { state, killed, left, goneMs, againMs }: ControllerKill): readonly BenchLine[] {
  const what = `SIGKILL of the controller, ffmpeg ${state}`;
  // Without any there was nothing to leave behind, which is no result.
  const orphans = killed === 0 ? Number.NaN : left;
  return [
    judge(
      { name, line: `${what}: of ${killed} alive after ${Math.round(goneMs)} ms`, value: orphans, unit: 'ffmpegs' },
      { atMost: 0 },
    ),
    judge(
      { name, line: `${what}: a re-tune after the next start, to the first byte`, value: tenth(againMs), unit: 'ms' },
      { atMost: 100 },
    ),
  ];
}

const ffmpegsOf = ({ home }: TelevisionHome): readonly number[] => processTree(home.controller.pid ?? 0).filter(isFfmpeg);

const allProcesses = (): readonly number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);

/** Or ffprobe, which looks first where nothing is known of a film. A zombie has no program any more. */
function isFfmpeg(pid: number): boolean {
  try {
    return /\/ff(mpeg|probe)$/.test(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return false;
  }
}

/** Host and port of the stream process's own door for its ffmpegs: one for its life. */
function sourceOf(pid: number): string {
  try {
    return /http:\/\/127\.0\.0\.1:\d+/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[0] ?? 'none';
  } catch {
    return 'none';
  }
}
