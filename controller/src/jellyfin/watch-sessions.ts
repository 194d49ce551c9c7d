// Hears a server's sessions for as long as it is wanted: by socket, with polls beside it, through restarts and outages.
import type { Clock } from '../clock.ts';
import { isAbort, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Bell, createBell } from '../neighbours/bell.ts';
import type { MediaServerListener } from '../neighbours/media-server.ts';
import { failureKind } from './failures.ts';
import type { JellyfinClient } from './jellyfin-client.ts';
import { nextTick, pollInterval, socketBackoff } from './poll-timing.ts';
import { hearSessionsSocket, type SocketDeps, type SocketListener } from './sessions-socket.ts';
import { createSourceLookup } from './source-lookup.ts';
import { createStreamList, type StreamList } from './stream-list.ts';
import { createHealthReport, isMute, newSituation, type Situation } from './watch-situation.ts';

/** A socket that lived this long ended for a reason of its own: the first retry is at once. */
const SETTLED_MS = 10_000;
/** A fault of ours must not make a tight loop. */
const FAULT_PAUSE_MS = 5000;

export type WatchDeps = {
  readonly client: JellyfinClient;
  readonly socket: SocketDeps;
  readonly pollIntervalMs: number | undefined;
  readonly useSocket: boolean;
  readonly clock: Clock;
  readonly log: Log;
};

/** What both loops of one watch share. */
type Watch = WatchDeps & {
  readonly now: Situation;
  readonly list: StreamList;
  readonly report: () => void;
  /** Makes the next poll happen at once. */
  readonly pollSoon: Bell;
  /** Rings at each good answer. */
  readonly answered: Bell;
  readonly signal: AbortSignal;
};

const takeAnswer = async ({ client, clock, now, list, signal, useSocket }: Watch): Promise<void> => {
  const sentAt = clock.monotonic();
  if (useSocket) now.version ??= (await client.publicInfo(signal)).Version;
  const sessions = await client.sessions(signal);
  now.outcome = 'ok';
  now.goodAt = clock.monotonic();
  // A message that came meanwhile is newer than this answer may be.
  if (now.messageAt < sentAt) {
    const began = list.take(sessions);
    if (now.socket === 'open' && !now.fresh && (began > 0 || now.unheard > 0)) now.unheard += 1;
  }
  now.fresh = false;
};

const poll = async (watch: Watch): Promise<void> => {
  const { now, signal } = watch;
  try {
    await takeAnswer(watch);
  } catch (error) {
    if (signal.aborted) return;
    now.outcome = failureKind(error);
    now.failure = messageOf(error);
    // It may come back as another version.
    if (now.outcome !== 'failed') now.version = null;
  }
  watch.report();
  if (now.outcome === 'ok') watch.answered.ring();
};

const pollForEver = async (watch: Watch): Promise<void> => {
  const { clock, now, signal } = watch;
  const beganAt = clock.monotonic();
  for (let due = beganAt; ; ) {
    await poll(watch);
    const interval = pollInterval({
      pushed: now.socket === 'open' && !isMute(now),
      outcome: now.outcome ?? 'ok',
      silentForMs: clock.monotonic() - Math.max(now.goodAt, beganAt),
      intervalMs: watch.pollIntervalMs,
      fixed: !watch.useSocket,
    });
    const next = nextTick(due, interval, clock.monotonic());
    const woken = await watch.pollSoon.wait(next - clock.monotonic(), signal);
    due = woken === 'rung' ? clock.monotonic() : next;
  }
};

const socketListener = ({ clock, now, list, report, pollSoon }: Watch): SocketListener => ({
  opened() {
    Object.assign(now, { socket: 'open', spoke: false, fresh: true, unheard: 0 });
    // No snapshot is sent on subscribing (12.0.0 sends one sometimes).
    pollSoon.ring();
  },
  sessions(heard) {
    Object.assign(now, { spoke: true, unheard: 0, outcome: 'ok', goodAt: clock.monotonic(), messageAt: clock.monotonic() });
    list.take(heard);
    report();
  },
});

const socketForEver = async (watch: Watch): Promise<void> => {
  const { clock, now, signal } = watch;
  const listener = socketListener(watch);
  for (let retry = 0; ; ) {
    await clock.sleep(socketBackoff(retry, Math.random()), signal);
    // While the server gives no answer to a poll, a socket need not be tried; once it does, at once.
    while (now.outcome !== 'ok') {
      now.socket = 'opening';
      await watch.answered.wait(60_000, signal);
    }
    const openMs = await hearSessionsSocket(watch.socket, listener, signal);
    signal.throwIfAborted();
    retry = (openMs ?? 0) >= SETTLED_MS ? 1 : retry + 1;
    // The first retry belongs to the same socket, as far as anybody is told: 12.0.0 closed one after 14 ms, for nothing.
    if (retry === 1 || now.socket === 'down') continue;
    now.socket = 'down';
    watch.pollSoon.ring();
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
 * One GET first and at each opening of the socket; then a GET each 60 s while the socket speaks, each 5 s while it is down or mute.
 * @param hear `sessions` at each answer or message; `health` at each change of state
 * @returns when the signal fires and all is over; does not throw
 */
export const watchSessions = async (deps: WatchDeps, hear: MediaServerListener, signal: AbortSignal): Promise<void> => {
  const { client, clock, log } = deps;
  const now = newSituation(deps.useSocket);
  const sources = createSourceLookup(client, clock);
  const list = createStreamList({ sources, clockOffsetMs: client.clockOffsetMs, hear, clock, log, signal });
  const report = createHealthReport({ hear, clock, log }, now);
  const watch: Watch = { ...deps, now, list, report, pollSoon: createBell(clock), answered: createBell(clock), signal };
  const loops = deps.useSocket ? [pollForEver, socketForEver] : [pollForEver];
  await Promise.all(loops.map((loop) => untilAborted(loop, watch)));
  await list.settled();
};
