// Opens each channel once at a media server before anybody tunes in, so that its probe, 3.3 s of a first tune-in, is in its cache.
import type { Clock } from '../../clock.ts';
import { ControllerError, isAbort, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { type SeenChannel, seenAs } from './seen-channel.ts';

/** `probedMs`: when the server last really looked; its cache file is as old. `warmedMs`: when we last opened the channel there. UTC ms. */
export type Warmth = { readonly picture: string; readonly probedMs: number; readonly warmedMs: number };

/** A channel of ours. `picture` is its pictureKey. */
export type WarmChannel = { readonly id: string; readonly number: string; readonly name: string; readonly picture: string };

/** All throw ControllerError. */
export type WarmServer = {
  readonly name: string;
  channels(signal: AbortSignal): Promise<readonly SeenChannel[]>;
  /** Sessions that play Live TV there. */
  viewers(signal: AbortSignal): Promise<number>;
  /** @returns the live stream, to be closed once */
  open(channelId: string, signal: AbortSignal): Promise<string>;
  close(liveStreamId: string, signal: AbortSignal): Promise<void>;
};

export type PreWarmDeps = {
  readonly channels: () => readonly WarmChannel[];
  /** Somebody fetches a channel of ours with this server's token now: a tune-in that no session tells of yet. */
  readonly isTuned: (server: string) => boolean;
  /** From here to `end`, this server's next connection to the channel is answered with the slate, without an ffmpeg. */
  readonly begin: (server: string, channel: string) => void;
  readonly end: (server: string, channel: string) => void;
  readonly store: {
    warmth(server: string, channel: string): Warmth | null;
    setWarmth(server: string, channel: string, warmth: Warmth): Promise<void>;
  };
  readonly clock: Clock;
  readonly log: Log;
};

/** How a round ended. `unseen`: the server does not know these channels yet; its guide task makes them. */
export type WarmRound =
  | { readonly kind: 'nothing-due' }
  /** `left`: due, for the next round. */
  | { readonly kind: 'done'; readonly warmed: number; readonly left: number }
  | { readonly kind: 'watched' }
  | { readonly kind: 'unseen'; readonly channels: readonly string[] }
  | { readonly kind: 'failed'; readonly problem: string };

const DAY_MS = 86_400_000;
/** The server deletes what is older than 30 days, daily. */
const AGAIN_MS = 25 * DAY_MS;
/** A first opening takes 3.5 s and a second 0.16 s (12.0.0): from here on it has probed. */
const PROBE_MS = 2_000;
/** Closing goes on when we are told to stop. */
const CLOSE_MS = 10_000;

/**
 * An opening that finds the cache does not renew it: the file stays as old as its probe. So from the 25th day on a channel is opened daily
 * (0.2 s) until the server has thrown the file away and probes again.
 */
export const isDue = (warmth: Warmth | null, picture: string, nowMs: number): boolean => {
  if (warmth === null || warmth.picture !== picture) return true;
  return nowMs - warmth.probedMs >= AGAIN_MS && nowMs - warmth.warmedMs >= DAY_MS;
};

const openOnce = async (
  deps: PreWarmDeps,
  server: WarmServer,
  at: { channel: string; id: string },
  signal: AbortSignal,
): Promise<number> => {
  const started = deps.clock.monotonic();
  deps.begin(server.name, at.channel);
  try {
    const stream = await server.open(at.id, signal);
    const tookMs = deps.clock.monotonic() - started;
    // Exactly once, also when we stop meanwhile: a second close would end somebody's picture.
    await server.close(stream, AbortSignal.timeout(CLOSE_MS));
    return tookMs;
  } finally {
    deps.end(server.name, at.channel);
  }
};

/** So that nobody who changes the registration waits long; 3.5 s each. */
const ROUND = 5;

/** Others would fail as well. */
const isGone = (error: unknown): boolean =>
  !(error instanceof ControllerError) || ['upstream_unreachable', 'upstream_refused', 'timeout'].includes(error.code);

const warmOne = async (
  deps: PreWarmDeps,
  server: WarmServer,
  at: { channel: WarmChannel; id: string },
  signal: AbortSignal,
): Promise<void> => {
  const { store, clock, log } = deps;
  const { channel, id } = at;
  const tookMs = await openOnce(deps, server, { channel: channel.id, id }, signal);
  const before = store.warmth(server.name, channel.id);
  const probed = tookMs >= PROBE_MS || before === null || before.picture !== channel.picture;
  const now = clock.now();
  await store.setWarmth(server.name, channel.id, {
    picture: channel.picture,
    probedMs: probed ? now : before.probedMs,
    warmedMs: now,
  });
  log.debug({ server: server.name, channel: channel.id, took_ms: Math.round(tookMs) }, 'channel warmed');
};

/** Warms some of what is due at one server, one channel after the other. Rejects only when the signal fires. */
export const warmServer = async (deps: PreWarmDeps, server: WarmServer, signal: AbortSignal): Promise<WarmRound> => {
  const { store, clock } = deps;
  const due = deps.channels().filter(({ id, picture }) => isDue(store.warmth(server.name, id), picture, clock.now()));
  if (due.length === 0) return { kind: 'nothing-due' };
  let warmed = 0;
  let problem: string | null = null;
  try {
    const seen = await server.channels(signal);
    const known = due.flatMap((channel) => {
      const id = seenAs(channel, seen)?.id;
      return id === undefined ? [] : [{ channel, id }];
    });
    for (const at of known) {
      signal.throwIfAborted();
      if (warmed >= ROUND) return { kind: 'done', warmed, left: due.length - warmed };
      // Openings wait for each other there: nobody is to wait for ours.
      if (deps.isTuned(server.name) || (await server.viewers(signal)) > 0) return { kind: 'watched' };
      try {
        await warmOne(deps, server, at, signal);
        warmed += 1;
      } catch (error) {
        // One bad channel must not keep the others cold.
        if (isGone(error)) throw error;
        problem ??= messageOf(error);
      }
    }
    if (problem !== null) return { kind: 'failed', problem };
    const unseen = due.filter((channel) => !known.some((one) => one.channel === channel)).map(({ id }) => id);
    return unseen.length > 0 ? { kind: 'unseen', channels: unseen } : { kind: 'done', warmed, left: 0 };
  } catch (error) {
    if (isAbort(error) || signal.aborted) throw error;
    return { kind: 'failed', problem: messageOf(error) };
  }
};
