// From a viewer's start to everything being right: the torrents' limit, and the starting viewer's own policy.
import { setTimeout as wait } from 'node:timers/promises';
import type { HomeObserver } from './home-observer.ts';
import type { Viewer } from './jellyfin/viewer.ts';
import type { SimulatedHome } from './simulated-home.ts';

const LOOK_EACH_MS = 5;
const KIB = 1024;

export type Start = { readonly viewer: Viewer; readonly item: string };

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
  let right: number | null = null;
  while (performance.timeOrigin + performance.now() - from < withinMs) {
    if ((observer.state()?.remote_streams ?? 0) > before && isRight(home, observer, viewer.identity.user)) {
      right = performance.timeOrigin + performance.now() - from;
      break;
    }
    await wait(LOOK_EACH_MS);
  }
  await playing;
  return right;
}

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

/** Jellyfin's policy and the torrent client hold what was decided; null is "as the user had it", which cannot be seen from outside. */
function isRight(home: SimulatedHome, observer: HomeObserver, user: string): boolean {
  const state = observer.state();
  if (state === null) return false;
  const cap = state.viewers[`main/${user}`] ?? null;
  const limit = state.torrent_clients['qbit'] ?? null;
  const standing = home.torrents.simulator?.settings().up_limit ?? null;
  const torrentsRight = limit === null || standing === null || standing === Math.floor(limit / 8 / KIB) * KIB;
  return torrentsRight && (cap === null || home.jellyfin.limitOf(user) === cap);
}
