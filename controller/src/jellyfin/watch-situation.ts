// What is known of one server while it is watched, and the telling of its health.
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { NeighbourHealth } from '../neighbours/health.ts';
import type { MediaServerListener } from '../neighbours/media-server.ts';
import type { FailureKind } from './failures.ts';
import { serverHealth } from './server-health.ts';

/** Changed in place by the two loops of one watch. Moments are monotonic ms. */
export type Situation = {
  /** How the last request went; null before the first. */
  outcome: 'ok' | FailureKind | null;
  failure: string | null;
  /** Of the last good answer or message. */
  goodAt: number;
  messageAt: number;
  version: string | null;
  /** `opening`: tried at this moment, or as soon as the server answers; its end is waited for before anything is told. */
  socket: 'unwanted' | 'opening' | 'open' | 'down';
  /** A Sessions message came over this socket. */
  spoke: boolean;
  /** The next poll finds what began before the socket opened: no proof of muteness. */
  fresh: boolean;
  /** Polls in a row since one found a start of which the socket had said nothing. */
  unheard: number;
};

export const newSituation = (useSocket: boolean): Situation => ({
  outcome: null,
  failure: null,
  goodAt: Number.NEGATIVE_INFINITY,
  messageAt: Number.NEGATIVE_INFINITY,
  version: null,
  socket: useSocket ? 'opening' : 'unwanted',
  spoke: false,
  fresh: false,
  unheard: 0,
});

/** Up to 10.10 an API key's socket may stay mute (a null user inside the server): there only a message proves that it speaks. */
const provesItself = (version: string | null): boolean => {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  return major > 10 || (major === 10 && minor >= 11);
};

const isUnproven = (now: Situation): boolean => !now.spoke && !provesItself(now.version);

/** The socket cannot be relied upon: polls must find what begins. */
export const isMute = (now: Situation): boolean => now.unheard > 0 || isUnproven(now);

/** One unheard start may be a message on its way: it quickens the polls, only a second poll makes it worth telling. */
const isMuteForSure = (now: Situation): boolean => now.unheard > 1 || isUnproven(now);

/** A function that tells the health when its state has changed, to the listener and as one line to the log. */
export const createHealthReport = (deps: { hear: MediaServerListener; clock: Clock; log: Log }, now: Situation): (() => void) => {
  const { hear, clock, log } = deps;
  let told: NeighbourHealth['state'] | null = null;
  return () => {
    if (now.outcome === null || (now.outcome === 'ok' && now.socket === 'opening')) return;
    const heard = isMuteForSure(now) ? 'mute' : 'live';
    const silentForMs = clock.monotonic() - now.goodAt;
    const socket = now.socket === 'open' ? heard : now.socket === 'opening' ? 'down' : now.socket;
    const health = serverHealth({ outcome: now.outcome, failure: now.failure, silentForMs, socket });
    if (health.state === told) return;
    told = health.state;
    if (health.problem === null) log.info(health, 'Media server state');
    else log.warn(health, 'Media server state');
    try {
      hear.health({ ...health, since: clock.now() });
    } catch (error) {
      log.error({ problem: messageOf(error) }, 'A listener failed on a state of health');
    }
  };
};
