// What is known of one media server while it is watched, and the telling of its health.
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { NeighbourHealth } from './health.ts';
import type { MediaServerListener } from './media-server.ts';
import type { FailureKind } from './server-failure.ts';
import { serverHealth } from './server-health.ts';

/** Changed in place by the two loops of one watch. Moments are monotonic ms. */
export type Situation = {
  /** How the last request went; null before the first. */
  outcome: 'ok' | FailureKind | null;
  failure: string | null;
  /** Of the last good answer or message. */
  goodAt: number;
  /** Of the last message that brought the whole list. */
  listedAt: number;
  /** `opening`: tried at this moment, or as soon as the server answers; its end is waited for before anything is told. */
  socket: 'unwanted' | 'opening' | 'open' | 'down';
  /** When the newest socket opened. */
  openedAt: number;
  /** Sockets in a row that opened and ended soon after. */
  shortLives: number;
  /** It said something of sessions over this socket. */
  spoke: boolean;
  /** The next poll finds what began before the socket opened: no proof of muteness. */
  fresh: boolean;
  /** Polls in a row since one found a start of which the socket had said nothing. */
  unheard: number;
  /** A socket that has said nothing yet may be relied upon. */
  readonly trustsSilence: () => boolean;
};

export const newSituation = (useSocket: boolean, trustsSilence: () => boolean): Situation => ({
  outcome: null,
  failure: null,
  goodAt: Number.NEGATIVE_INFINITY,
  listedAt: Number.NEGATIVE_INFINITY,
  socket: useSocket ? 'opening' : 'unwanted',
  openedAt: Number.NEGATIVE_INFINITY,
  shortLives: 0,
  spoke: false,
  fresh: false,
  unheard: 0,
  trustsSilence,
});

/** A socket that lived this long ended for a reason of its own: the first retry is at once. */
export const SETTLED_MS = 10_000;

/** Where sockets open and end again and again, the next one is first relied upon, and told, when it has stayed. */
export const isSteady = ({ shortLives, openedAt }: Situation, at: number): boolean =>
  shortLives < 2 || at - openedAt >= SETTLED_MS;

const isUnproven = (now: Situation): boolean => !now.spoke && !now.trustsSilence();

/** The socket cannot be relied upon: polls must find what begins. */
export const isMute = (now: Situation): boolean => now.unheard > 0 || isUnproven(now);

/** One unheard start may be a message on its way: it quickens the polls, only a second poll makes it worth telling. */
const isMuteForSure = (now: Situation): boolean => now.unheard > 1 || isUnproven(now);

type ReportDeps = {
  readonly hear: MediaServerListener;
  readonly clock: Clock;
  readonly log: Log;
  /** For people. */
  readonly socketPath: string;
};

/** A function that tells the health when its state has changed, to the listener and as one line to the log. */
export const createHealthReport = ({ hear, clock, log, socketPath }: ReportDeps, now: Situation): (() => void) => {
  let told: NeighbourHealth['state'] | null = null;
  return () => {
    if (now.outcome === null || (now.outcome === 'ok' && now.socket === 'opening')) return;
    const heard = isMuteForSure(now) ? 'mute' : isSteady(now, clock.monotonic()) ? 'live' : 'unsteady';
    const silentForMs = clock.monotonic() - now.goodAt;
    const socket = now.socket === 'open' ? heard : now.socket === 'opening' ? 'down' : now.socket;
    const health = serverHealth({ outcome: now.outcome, failure: now.failure, silentForMs, socket, socketPath });
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
