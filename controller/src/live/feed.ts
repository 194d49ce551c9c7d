// One running ffmpeg as a queue of frames: read no further than some seconds ahead, which is what holds it back; told when it ends or falls silent.
import { finished } from 'node:stream/promises';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Picture, Watermark } from '../on-air/picture.ts';
import type { PlanStep } from '../on-air/plan-step.ts';
import type { RunningProgramme, StartProgramme } from '../on-air/programme-order.ts';
import { type InputDeps, openInput } from './open-input.ts';
import { stepKey } from './plan-book.ts';
import { TICKS_PER_MS } from './time-line.ts';
import type { Unit } from './transport-stream/unit.ts';
import { createUnitReader } from './transport-stream/unit-reader.ts';

const AHEAD_TICKS = 4_000 * TICKS_PER_MS;
/** Sound without pictures for so long: the file is broken off there. */
const LONE_SOUND_TICKS = 3_000 * TICKS_PER_MS;
/** A source without usable time stamps must not fill the memory. */
const MAX_QUEUED_BYTES = 32 * 2 ** 20;

export type FeedOrder = {
  readonly step: PlanStep;
  /** Where on the schedule its first frame belongs. */
  readonly atMs: number;
  readonly hurry: boolean;
};

export type FeedDeps = InputDeps & {
  readonly start: StartProgramme;
  readonly picture: Picture;
  readonly watermark: Watermark | null;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly onProcess: (pid: number, state: 'began' | 'ended') => void;
  /** More frames are there. */
  readonly onUnits: () => void;
};

export type Feed = {
  readonly step: PlanStep;
  /** Of the step that it was opened for. */
  readonly key: string;
  readonly atMs: number;
  /** The frames that were read and not taken yet, oldest first. */
  queued(): readonly Unit[];
  take(): Unit | undefined;
  /** Drops what cannot begin a picture, up to the first key frame of the queue. */
  toKeyFrame(): Unit | null;
  /** Where on the schedule a frame belongs. */
  belongsAtMs(unit: Unit): number;
  /** Where the frames that were read end, `atMs` before the first. */
  readUpToMs(): number;
  /** How long nothing came although it was asked for. 0 while it is held back. */
  silentMs(): number;
  hasBegun(): boolean;
  /** All of its output is read; with a sentence where it ended otherwise than ordered. */
  ended(): { readonly problem: string | null } | null;
  /** Media seconds per second before it was first held back. */
  speed(): number | null;
  stop(): void;
};

/** What is open in a feed; one object, so that its parts can be functions of a few lines. */
type State = {
  readonly queue: Unit[];
  queuedBytes: number;
  output: RunningProgramme['output'] | null;
  held: boolean;
  origin: number | null;
  /** DTS of the last picture, and of the last sound. */
  newest: number | null;
  newestSound: number;
  heardAt: number;
  beganAt: number | null;
  speed: number | null;
  ended: { readonly problem: string | null } | null;
};

export function openFeed({ step, atMs, hurry }: FeedOrder, deps: FeedDeps): Feed {
  const { clock } = deps;
  const stop = new AbortController();
  const state: State = {
    ...{ queue: [], queuedBytes: 0, output: null, held: false, origin: null, newest: null, newestSound: 0 },
    ...{ heardAt: clock.monotonic(), beganAt: null, speed: null, ended: null },
  };
  const belongsAtMs = (unit: Unit): number => atMs + (unit.pts - (state.origin ?? unit.pts)) / TICKS_PER_MS;
  void play({ step, atMs, hurry }, deps, state, stop);
  const take = (): Unit | undefined => {
    const unit = state.queue.shift();
    if (unit !== undefined) state.queuedBytes -= bytesOf(unit);
    if (state.held && !isFull(state)) letGo(state, clock.monotonic());
    return unit;
  };
  return {
    step,
    key: stepKey(step),
    atMs,
    queued: () => state.queue,
    take,
    toKeyFrame() {
      for (let [unit] = state.queue; unit !== undefined; [unit] = state.queue) {
        if (unit.kind === 'video' && unit.key) return unit;
        take();
      }
      return null;
    },
    belongsAtMs,
    readUpToMs: () => atMs + ((state.newest ?? 0) - (state.origin ?? state.newest ?? 0)) / TICKS_PER_MS,
    silentMs: () => (state.held || state.ended !== null ? 0 : clock.monotonic() - state.heardAt),
    hasBegun: () => state.origin !== null,
    ended: () => state.ended,
    speed: () => state.speed,
    stop: () => stop.abort(),
  };
}

const bytesOf = (unit: Unit): number => unit.packets.length;

const isFull = ({ queue, queuedBytes, newest }: State): boolean => {
  const [oldest] = queue;
  if (oldest === undefined) return false;
  return queuedBytes > MAX_QUEUED_BYTES || (newest ?? 0) - oldest.dts > AHEAD_TICKS;
};

function letGo(state: State, now: number): void {
  state.held = false;
  state.heardAt = now;
  state.output?.resume();
}

/** Never rejects; whatever happens is in `state`. */
async function play({ step, atMs, hurry }: FeedOrder, deps: FeedDeps, state: State, stop: AbortController): Promise<void> {
  const { signal } = stop;
  try {
    const intoMs = atMs - step.startMs;
    const { input, release } = await openInput(step, intoMs, deps, signal);
    const { picture, watermark } = deps;
    // Copied pictures begin at the key frame before the place that was asked for: up to a GOP of error, which an item's start has not.
    const transport = intoMs === 0 ? step.transport : 'encode';
    const running = deps.start({ input, durationMs: step.endMs - atMs, picture, watermark, transport, hurry }, signal);
    const told = tellPid(running, deps.onProcess);
    try {
      read(running, state, deps, () => stop.abort());
      const [{ problem }] = await Promise.all([running.ended, finished(running.output).catch(() => {})]);
      state.ended = { problem };
    } finally {
      told();
      release();
    }
  } catch (error) {
    state.ended = { problem: messageOf(error) };
  }
}

/** It may begin a little later. The answer tells of its end. */
function tellPid(running: RunningProgramme, onProcess: FeedDeps['onProcess']): () => void {
  let known: number | null = null;
  const look = (): void => {
    known ??= running.pid;
    if (known !== null) onProcess(known, 'began');
  };
  const later = setTimeout(look, 50);
  return () => {
    clearTimeout(later);
    if (known !== null) onProcess(known, 'ended');
  };
}

function read({ output, ended }: RunningProgramme, state: State, { clock, onUnits }: FeedDeps, giveUp: () => void): void {
  const reader = createUnitReader();
  state.output = output;
  state.heardAt = clock.monotonic();
  let dead = false;
  const add = (units: readonly Unit[]): void => {
    for (const unit of units) {
      state.queue.push(unit);
      state.queuedBytes += bytesOf(unit);
      if (unit.kind === 'audio') state.newestSound = unit.dts;
      if (unit.kind !== 'video') continue;
      state.newest = Math.max(state.newest ?? unit.dts, unit.dts);
      if (unit.key) state.origin ??= unit.pts;
    }
  };
  output.on('data', (chunk: Buffer) => {
    const now = clock.monotonic();
    state.heardAt = now;
    state.beganAt ??= now;
    add(reader.push(chunk));
    onUnits();
    if (hasLostPicture(state)) {
      dropLoneSound(state);
      giveUp();
    }
    if (dead || !isFull(state)) return;
    state.speed ??= speedOf(state, now);
    state.held = true;
    output.pause();
  });
  output.on('end', () => add(reader.end()));
  // What it left in the pipe is less than a second of pictures: read at once, so that its successor can begin where they end.
  void ended.then(() => {
    dead = true;
    letGo(state, clock.monotonic());
  });
}

const hasLostPicture = ({ newest, newestSound }: State): boolean => newest !== null && newestSound - newest > LONE_SOUND_TICKS;

/** So that the card follows the last picture. */
function dropLoneSound(state: State): void {
  const from = state.newest ?? 0;
  const kept = state.queue.filter(({ kind, dts }) => kind === 'video' || dts <= from);
  state.queue.splice(0, state.queue.length, ...kept);
  state.queuedBytes = kept.reduce((sum, unit) => sum + bytesOf(unit), 0);
}

function speedOf({ queue, newest, beganAt }: State, now: number): number | null {
  const [oldest] = queue;
  if (oldest === undefined || newest === null || beganAt === null || now - beganAt < 1) return null;
  return Math.round(((newest - oldest.dts) / TICKS_PER_MS / (now - beganAt)) * 100) / 100;
}
