// The player inside a scripted viewer: negotiates, reports each 10 s, obeys what the server sends, with the quirks that were measured.
import { setTimeout as wait } from 'node:timers/promises';
import { createFilmClock, type FilmClock } from './film-clock.ts';
import { ticksPerMs } from './identity.ts';
import type { LibraryItem } from './library.ts';
import { readCommand, type ViewerCommand } from './viewer-commands.ts';
import type { ServerMessage, ViewerConnection } from './viewer-connection.ts';
import { negotiate, type Stream, startStream } from './viewer-stream.ts';
import type { DrawnStream } from './viewer-traffic.ts';

export type PlayerNeed = {
  readonly connection: ViewerConnection;
  readonly items: readonly LibraryItem[];
  readonly speed: number;
  readonly ownAudioTracks: boolean;
  readonly sendsProfile: boolean;
};

export type ViewerState = {
  readonly item: LibraryItem | null;
  readonly positionMs: number;
  readonly paused: boolean;
  readonly method: 'DirectPlay' | 'Transcode' | null;
  /** Video + audio of the transcode; null in direct play. */
  readonly negotiatedBps: number | null;
  /** How often PlaybackInfo was asked since the viewer came. */
  readonly negotiations: number;
  /** How often a film began again at 0:00 because two commands came within 500 ms. */
  readonly restartedAtZero: number;
  /** Texts of DisplayMessage. */
  readonly messages: readonly string[];
};

export type Player = {
  play(itemIds: readonly string[], startMs: number): Promise<void>;
  setPaused(paused: boolean): Promise<void>;
  seek(ms: number): Promise<void>;
  next(): Promise<void>;
  stop(): Promise<void>;
  /** Reports nothing any more. */
  silence(): void;
  hear(message: ServerMessage): void;
  reconnected(): void;
  state(): ViewerState;
  /** Null when nothing is drawn. */
  drawn(): DrawnStream | null;
};

/** The one thing that all steps below work on. */
type Playback = PlayerNeed & {
  readonly film: FilmClock;
  readonly ended: AbortController;
  queue: readonly string[];
  stream: Stream | null;
  /** The play session id that reports carry: after a switch still the old one until the picture is back. */
  reportedAs: string;
  paused: boolean;
  jumpedAt: number;
  switchedAt: number;
  /** A step that finds another number here was overtaken, and ends. */
  generation: number;
  reports: NodeJS.Timeout | undefined;
  negotiations: number;
  restartedAtZero: number;
  readonly messages: string[];
};

/** Two commands closer than this, and the film begins again at 0:00. */
const doubledMs = 500;
const reportMs = 10_000;
/** Click to the Playing report; a switch takes 2.0–5.6 s to a transcode and 0.1–0.3 s back. */
const loadingMs = { DirectPlay: 1_000, Transcode: 4_000 } as const;
const switchMs = { DirectPlay: 200, Transcode: 3_000 } as const;

async function report(at: Playback, kind: '' | '/Progress' | '/Stopped'): Promise<void> {
  const { stream } = at;
  if (!stream) return;
  await at.connection.call('POST', `/Sessions/Playing${kind}`, {
    ItemId: stream.item.id,
    MediaSourceId: stream.item.id,
    PlaySessionId: at.reportedAs,
    PlayMethod: stream.method,
    PositionTicks: Math.round(Math.min(at.film.position(), stream.item.runtimeMs)) * ticksPerMs,
    IsPaused: at.paused,
    CanSeek: true,
    AudioStreamIndex: stream.audioIndex,
    SubtitleStreamIndex: -1,
    VolumeLevel: 100,
    PlaylistItemId: 'playlistItem0',
  });
}

/** Asks PlaybackInfo and loads; false where something newer overtook it. */
async function load(
  at: Playback,
  ask: { readonly itemId: string; readonly startMs: number; readonly audioIndex: number; readonly switching: boolean },
): Promise<boolean> {
  const old = at.stream;
  const generation = ++at.generation;
  at.negotiations += 1;
  const stream = await negotiate(at, ask);
  if (generation !== at.generation) return false;
  at.film.stand(ask.startMs);
  Object.assign(at, { stream, paused: false, jumpedAt: performance.now() });
  if (!ask.switching) at.reportedAs = stream.playSessionId;
  if (ask.switching && old?.method === 'Transcode')
    await at.connection.call(
      'DELETE',
      `/Videos/ActiveEncodings?deviceId=${encodeURIComponent(old.deviceId)}&playSessionId=${old.playSessionId}`,
    );
  await startStream(at.connection, stream);
  await wait((ask.switching ? switchMs : loadingMs)[stream.method] / at.speed, undefined, { signal: at.ended.signal });
  if (generation !== at.generation) return false;
  at.film.run();
  return true;
}

async function begin(at: Playback, startMs: number): Promise<void> {
  if (!(await load(at, { itemId: at.queue[0] ?? '', startMs, audioIndex: 1, switching: false }))) return;
  await report(at, '');
  await report(at, '/Progress');
  const beat = async () => {
    if (at.stream && at.film.position() >= at.stream.item.runtimeMs) await next(at);
    else await report(at, '/Progress');
  };
  clearInterval(at.reports);
  at.reports = setInterval(() => void beat().catch(() => undefined), reportMs / Math.max(1, at.speed));
}

async function halt(at: Playback): Promise<void> {
  clearInterval(at.reports);
  at.generation += 1;
  at.film.stand();
  await report(at, '/Stopped');
  at.stream = null;
}

async function next(at: Playback): Promise<void> {
  await halt(at);
  at.queue = at.queue.slice(1);
  if (at.queue.length > 0) await begin(at, 0);
}

/** SetAudioStreamIndex: asks PlaybackInfo again at the position, ends the old encoding, and reports neither Stopped nor Playing. */
async function renegotiate(at: Playback, audioIndex: number): Promise<void> {
  const old = at.stream;
  if (!old || (at.ownAudioTracks && old.method === 'DirectPlay')) return;
  const doubled = performance.now() - at.switchedAt < doubledMs;
  at.switchedAt = performance.now();
  if (doubled) at.restartedAtZero += 1;
  const startMs = doubled ? 0 : at.film.position();
  // Seen: a paused viewer is un-paused by it.
  if (!(await load(at, { itemId: old.item.id, startMs, audioIndex, switching: true }))) return;
  await report(at, '/Progress');
  at.reportedAs = at.stream?.playSessionId ?? at.reportedAs;
}

async function setPaused(at: Playback, paused: boolean): Promise<void> {
  at.paused = paused;
  if (paused) at.film.stand();
  else at.film.run();
  await report(at, '/Progress');
}

async function seek(at: Playback, ms: number): Promise<void> {
  at.film.stand(ms);
  at.jumpedAt = performance.now();
  if (!at.paused) at.film.run();
  await report(at, '/Progress');
}

async function play(at: Playback, itemIds: readonly string[], startMs: number): Promise<void> {
  if (at.stream) await halt(at);
  at.queue = itemIds;
  await begin(at, startMs);
}

async function obey(at: Playback, command: ViewerCommand): Promise<void> {
  if (command.name === 'message') at.messages.push(command.text);
  else if (command.name === 'play') await play(at, command.itemIds, command.startMs);
  else if (!at.stream) return;
  else if (command.name === 'audio') await renegotiate(at, command.index);
  else if (command.name === 'pause') await setPaused(at, command.paused ?? !at.paused);
  else if (command.name === 'seek') await seek(at, command.ms);
  else if (command.name === 'next') await next(at);
  else await halt(at);
}

export function createPlayer(need: PlayerNeed): Player {
  const at: Playback = {
    ...need,
    film: createFilmClock(need.speed),
    ended: new AbortController(),
    queue: [],
    stream: null,
    reportedAs: '',
    paused: false,
    jumpedAt: 0,
    switchedAt: Number.NEGATIVE_INFINITY,
    generation: 0,
    reports: undefined,
    negotiations: 0,
    restartedAtZero: 0,
    messages: [],
  };
  return {
    play: (itemIds, startMs) => play(at, itemIds, startMs),
    setPaused: (paused) => setPaused(at, paused),
    seek: (ms) => seek(at, ms),
    next: () => next(at),
    stop: () => halt(at),
    silence() {
      clearInterval(at.reports);
      at.ended.abort();
      at.generation += 1;
    },
    hear(message) {
      const command = readCommand(message);
      // What fails half-way is what a player with a lost server does: nothing.
      if (command) obey(at, command).catch(() => undefined);
    },
    reconnected() {
      if (at.stream) startStream(at.connection, at.stream).catch(() => undefined);
    },
    state: () => stateOf(at),
    drawn: () =>
      at.stream && {
        negotiatedBps: at.stream.negotiatedBps,
        sourceBps: at.stream.item.source?.bitrateBps ?? 0,
        paused: at.paused,
        sinceJumpMs: (performance.now() - at.jumpedAt) * at.speed,
      },
  };
}

function stateOf(at: Playback): ViewerState {
  const { stream, paused, negotiations, restartedAtZero } = at;
  const item = stream?.item ?? null;
  const positionMs = Math.min(at.film.position(), item?.runtimeMs ?? 0);
  return {
    item,
    positionMs,
    paused,
    method: stream?.method ?? null,
    negotiatedBps: stream?.negotiatedBps ?? null,
    negotiations,
    restartedAtZero,
    messages: [...at.messages],
  };
}
