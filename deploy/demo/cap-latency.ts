// From a viewer's start to everything being right: the torrents' limit, and the starting viewer's own policy.
import { setTimeout as wait } from 'node:timers/promises';
import type { HomeObserver } from './home-observer.ts';
import type { Viewer } from './jellyfin/viewer.ts';
import type { PlayOptions, PlexViewer } from './plex/plex-simulator.ts';
import type { SimulatedHome } from './simulated-home.ts';

const LOOK_EACH_MS = 5;
const KIB = 1024;

export type Start = { readonly viewer: Viewer; readonly item: string };
export type PlexStart = { readonly viewer: PlexViewer; readonly what: PlayOptions };

/**
 * Plays, and answers with the ms from Jellyfin's "playing" to the moment at which Jellyfin and the torrent client hold what Headgate decided
 * with this stream counted. Null where that did not come within `withinMs`.
 */
export async function measureStart(
  home: SimulatedHome,
  observer: HomeObserver,
  { viewer, item }: Start,
  withinMs = 10_000,
): Promise<number | null> {
  const before = observer.state()?.remote_streams ?? 0;
  const already = startsOf(home).length;
  const playing = viewer.play(item);
  const from = await firstStart(home, already, withinMs);
  const isRight = (): boolean => torrentsAreRight(home, observer) && viewerIsRight(home, observer, viewer.identity.user);
  const right = await rightWithin(observer, { before, from, isRight }, withinMs);
  await playing;
  return right;
}

/** As measureStart, from Plex's first notification; at Plex itself nothing is set. */
export async function measurePlexStart(
  home: SimulatedHome,
  observer: HomeObserver,
  { viewer, what }: PlexStart,
  withinMs = 10_000,
): Promise<number | null> {
  const before = observer.state()?.remote_streams ?? 0;
  const from = wallMs();
  await viewer.play(what);
  return await rightWithin(observer, { before, from, isRight: () => torrentsAreRight(home, observer) }, withinMs);
}

type WaitedFor = { readonly before: number; readonly from: number; readonly isRight: () => boolean };

async function rightWithin(
  observer: HomeObserver,
  { before, from, isRight }: WaitedFor,
  withinMs: number,
): Promise<number | null> {
  while (wallMs() - from < withinMs) {
    if ((observer.state()?.remote_streams ?? 0) > before && isRight()) return wallMs() - from;
    await wait(LOOK_EACH_MS);
  }
  return null;
}

const wallMs = (): number => performance.timeOrigin + performance.now();

const startsOf = (home: SimulatedHome): readonly { readonly at: number }[] =>
  home.jellyfin.requests().filter(({ method, path }) => method === 'POST' && path === '/Sessions/Playing');

async function firstStart(home: SimulatedHome, already: number, withinMs: number): Promise<number> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    const start = startsOf(home)[already];
    if (start) return start.at;
    await wait(LOOK_EACH_MS);
  }
  throw new Error('the viewer never played');
}

/** The torrent client holds what was decided; null is "as the user had it", which cannot be seen from outside. */
function torrentsAreRight({ torrents }: SimulatedHome, observer: HomeObserver): boolean {
  const limit = observer.state()?.torrent_clients['qbit'] ?? null;
  const standing = torrents.simulator?.settings().up_limit ?? null;
  return limit === null || standing === null || standing === Math.floor(limit / 8 / KIB) * KIB;
}

/** Jellyfin's policy holds what was decided. */
function viewerIsRight({ jellyfin }: SimulatedHome, observer: HomeObserver, user: string): boolean {
  const cap = observer.state()?.viewers[`main/${user}`] ?? null;
  return cap === null || jellyfin.limitOf(user) === cap;
}
