// Hears what a media server plays for as long as it is wanted: by socket, with polls beside it, through restarts and outages.
import type { Clock } from '../clock.ts';
import { isAbort, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Bell, createBell } from './bell.ts';
import type { MediaServerListener } from './media-server.ts';
import { nextTick, pollInterval, socketBackoff } from './poll-timing.ts';
import { failureKind } from './server-failure.ts';
import { createHealthReport, isMute, isSteady, newSituation, SETTLED_MS, type Situation } from './watch-situation.ts';

/** A fault of ours must not make a tight loop. */
const FAULT_PAUSE_MS = 5000;

/** What an answer was worth once its list was handed on. */
export type Taken = {
  /** Streams that began of which the socket had said nothing. */
  readonly unheard: number;
  /** Until it should be looked at again, because its messages are ahead of its list; null: at the usual time. */
  readonly againMs: number | null;
};

/** What a socket tells its watch. */
export type PushListener = {
  opened(): void;
  /** It said something of sessions, so it is not mute. */
  spoke(): void;
  /** It brought the whole list, newer than any answer on its way. */
  listed(): void;
  /** The sessions should be asked for now. */
  look(): void;
};

/** One product's part in being watched. */
export type WatchedServer = {
  /** Asks for the sessions. What it answers hands their list on, unless a newer one has overtaken it. */
  ask(signal: AbortSignal): Promise<() => Taken>;
  /** One life of its socket. @returns how long it was open, ms; null where it was never open */
  hearSocket(push: PushListener, signal: AbortSignal): Promise<number | null>;
  /** A socket that has said nothing yet may be relied upon. */
  trustsSilence(): boolean;
  /** It was out of reach: it may come back as another version. */
  lost(): void;
  /** For people. */
  readonly socketPath: string;
  /** How long a refused key rests. */
  readonly refusedMs: number;
};

export type WatchOptions = {
  readonly pollIntervalMs: number | undefined;
  readonly useSocket: boolean;
  readonly clock: Clock;
  readonly log: Log;
};

/** What both loops of one watch share. */
type Watch = WatchOptions & {
  readonly server: WatchedServer;
  readonly now: Situation;
  readonly report: () => void;
  /** Makes the next poll happen at once. */
  readonly pollSoon: Bell;
  /** Rings at each good answer. */
  readonly answered: Bell;
  readonly signal: AbortSignal;
};

const takeAnswer = async ({ server, clock, now, signal }: Watch): Promise<number | null> => {
  const sentAt = clock.monotonic();
  const take = await server.ask(signal);
  now.outcome = 'ok';
  now.goodAt = clock.monotonic();
  // A list that came meanwhile is newer than this answer may be.
  const taken = now.listedAt < sentAt ? take() : null;
  if (taken && now.socket === 'open' && !now.fresh && (taken.unheard > 0 || now.unheard > 0)) now.unheard += 1;
  now.fresh = false;
  return taken?.againMs ?? null;
};

/** @returns ms until it should be looked at again; null: at the usual time */
const poll = async (watch: Watch): Promise<number | null> => {
  const { now, signal } = watch;
  let againMs: number | null = null;
  try {
    againMs = await takeAnswer(watch);
  } catch (error) {
    if (signal.aborted) return null;
    now.outcome = failureKind(error);
    now.failure = messageOf(error);
    if (now.outcome !== 'failed') watch.server.lost();
  }
  watch.report();
  if (now.outcome === 'ok') watch.answered.ring();
  return againMs;
};

const pollForEver = async (watch: Watch): Promise<void> => {
  const { clock, now, signal } = watch;
  const beganAt = clock.monotonic();
  for (let due = beganAt; ; ) {
    const againMs = await poll(watch);
    const interval = pollInterval({
      pushed: now.socket === 'open' && !isMute(now) && isSteady(now, clock.monotonic()),
      outcome: now.outcome ?? 'ok',
      silentForMs: clock.monotonic() - Math.max(now.goodAt, beganAt),
      intervalMs: watch.pollIntervalMs,
      fixed: !watch.useSocket,
      refusedMs: watch.server.refusedMs,
    });
    const next = nextTick(due, interval, clock.monotonic());
    const pause = next - clock.monotonic();
    const woken = await watch.pollSoon.wait(Math.min(pause, againMs ?? pause), signal);
    if (woken === 'rung') due = clock.monotonic();
    else if (againMs === null || againMs >= pause) due = next;
  }
};

const pushListener = ({ clock, now, report, pollSoon }: Watch): PushListener => ({
  opened() {
    Object.assign(now, { socket: 'open', openedAt: clock.monotonic(), spoke: false, fresh: true, unheard: 0 });
    // Neither server is sure to say what plays when a socket opens (Jellyfin 12.0.0 does sometimes).
    pollSoon.ring();
  },
  spoke() {
    Object.assign(now, { spoke: true, unheard: 0 });
    report();
  },
  listed() {
    Object.assign(now, { spoke: true, unheard: 0, outcome: 'ok', goodAt: clock.monotonic(), listedAt: clock.monotonic() });
    report();
  },
  look: () => pollSoon.ring(),
});

const socketForEver = async (watch: Watch): Promise<void> => {
  const { server, clock, now, signal } = watch;
  const listener = pushListener(watch);
  for (let retry = 0; ; ) {
    await clock.sleep(socketBackoff(retry, Math.random()), signal);
    // While the server gives no answer to a poll, a socket need not be tried; once it does, at once.
    while (now.outcome !== 'ok') {
      now.socket = 'opening';
      await watch.answered.wait(60_000, signal);
    }
    const openMs = await server.hearSocket(listener, signal);
    signal.throwIfAborted();
    const settled = (openMs ?? 0) >= SETTLED_MS;
    retry = settled ? 1 : retry + 1;
    if (openMs !== null) now.shortLives = settled ? 0 : now.shortLives + 1;
    if (now.socket === 'down') continue;
    // The first retry belongs to the same socket, as far as anybody is told: Jellyfin 12.0.0 closed one after 14 ms, for nothing.
    now.socket = retry === 1 ? 'opening' : 'down';
    // What happens until the next one is open, it will not tell.
    if (settled || retry > 1) watch.pollSoon.ring();
  }
};

const untilAborted = async (loop: (watch: Watch) => Promise<void>, watch: Watch): Promise<void> => {
  const { clock, log, signal } = watch;
  while (!signal.aborted) {
    try {
      await loop(watch);
    } catch (error) {
      if (signal.aborted) return;
      log.error({ problem: messageOf(error), error }, 'Hearing a media server failed; it begins again');
      await clock.sleep(FAULT_PAUSE_MS, signal).catch((stopped: unknown) => {
        if (!isAbort(stopped)) throw stopped;
      });
    }
  }
};

/**
 * One GET first and at each opening and end of the socket; then a GET each 60 s while the socket speaks, each 5 s while it is down or mute.
 * @param hear `health` at each change of state; the lists are handed on by `server`
 * @returns when the signal fires and all is over; does not throw
 */
export const watchMediaServer = async (
  server: WatchedServer,
  options: WatchOptions,
  hear: MediaServerListener,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, log, useSocket } = options;
  const now = newSituation(useSocket, server.trustsSilence);
  const report = createHealthReport({ hear, clock, log, socketPath: server.socketPath }, now);
  const watch: Watch = { ...options, server, now, report, pollSoon: createBell(clock), answered: createBell(clock), signal };
  const loops = useSocket ? [pollForEver, socketForEver] : [pollForEver];
  await Promise.all(loops.map((loop) => untilAborted(loop, watch)));
};
