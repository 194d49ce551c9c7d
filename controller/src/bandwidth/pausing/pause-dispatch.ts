// Stops the torrents of a client and starts exactly these again: noted on disk first, failures with back-off, and everything running at the end.
import type { Clock } from '../../clock.ts';
import { isAbort, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { TorrentClient } from '../../neighbours/download-client.ts';
import type { PauseStore } from './pause-store.ts';

export type PauseDispatch = {
  /** Starts what is due; returns at once. `paused`: clients that are to be stopped. Those in `silent` are left for later. */
  apply(paused: readonly string[], silent: ReadonlySet<string>, signal: AbortSignal): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** Starts everything that we stopped, bounded in time; answers with the names of the clients where that failed. */
  restoreAll(): Promise<readonly string[]>;
};

export type PauseDispatchDeps = {
  readonly clients: readonly TorrentClient[];
  readonly store: PauseStore;
  /** False while stopping, switched off or rehearsing: asked at the last moment. */
  readonly mayPause: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly changed: () => void;
};

type Known = {
  readonly client: TorrentClient;
  /** Ends when what is under way has. */
  turn: Promise<unknown>;
  isBusy: boolean;
  failures: number;
  /** Steady ms. */
  waitUntil: number;
  /** When it was last stopped or looked at while it is to be stopped; null while it is to run. */
  lookedAt: number | null;
};

/** Torrents that are added or started meanwhile are found at the next look. */
const LOOK_EACH_MS = 60_000;
const MOST_WAIT_MS = 60_000;
const WORK_MS = 10_000;
/** As for limits: stopping takes 8 s at most, with what comes before and after. */
const RESTORE_MS = 7_500;
const RESTORE_PAUSES_MS: readonly (number | null)[] = [250, 500, 1_000, null];

export function createPauseDispatch(deps: PauseDispatchDeps): PauseDispatch {
  const { clients, store, clock, log, changed } = deps;
  const all = new Map(clients.map((client) => [client.name, newlyKnown(client)]));
  for (const client of store.clients())
    if (!all.has(client))
      log.warn(
        { client },
        'torrents were stopped at a client that is no longer configured: configured once more, they are started again',
      );

  /** One thing at a time at each client; false where it failed. */
  function work(known: Known, what: () => Promise<void>): Promise<boolean> {
    known.isBusy = true;
    const done = known.turn.then(what).then(
      () => {
        known.failures = 0;
        return true;
      },
      (error: unknown) => {
        if (isAbort(error)) return false;
        known.failures += 1;
        known.waitUntil = clock.monotonic() + Math.min(MOST_WAIT_MS, 500 * 2 ** known.failures);
        // Once for each time that it begins to fail.
        log[known.failures > 1 ? 'debug' : 'warn'](
          { client: known.client.name, error: messageOf(error) },
          'torrents neither stopped nor started',
        );
        return false;
      },
    );
    known.turn = done.then(() => {
      known.isBusy = false;
      changed();
    });
    return done;
  }

  async function putBack(name: string, deadline: AbortSignal): Promise<boolean> {
    const known = all.get(name);
    if (!known) return false;
    for (const pauseMs of RESTORE_PAUSES_MS) {
      if (await work(known, () => startAgain(known, deps))) return true;
      if (pauseMs === null || deadline.aborted) break;
      await clock.sleep(pauseMs, deadline).catch(() => {});
    }
    return false;
  }

  return {
    apply(paused, silent, signal) {
      const now = clock.monotonic();
      for (const [name, known] of all) {
        const stop = paused.includes(name);
        if (!stop) known.lookedAt = null;
        if (known.isBusy || now < known.waitUntil || silent.has(name)) continue;
        // work() answers a failure with false and its own log line.
        if (!stop && store.held(name).length > 0) void work(known, () => startAgain(known, deps));
        else if (stop && (known.lookedAt === null || now - known.lookedAt >= LOOK_EACH_MS))
          void work(known, () => stopAll(known, deps, signal));
      }
    },
    async idle() {
      for (const known of all.values()) await known.turn;
    },
    async restoreAll() {
      const deadline = AbortSignal.timeout(RESTORE_MS);
      const late = new Promise<boolean>((resolve) => deadline.addEventListener('abort', () => resolve(false)));
      // One that is being stopped right now is not in the store yet.
      const names = new Set([...store.clients(), ...[...all].filter(([, { isBusy }]) => isBusy).map(([name]) => name)]);
      const results = await Promise.all(
        [...names].map(async (name) => ((await Promise.race([putBack(name, deadline), late])) ? null : name)),
      );
      // One that only could not be looked at has nothing of ours.
      return results.filter((name) => name !== null).filter((name) => store.held(name).length > 0);
    },
  };
}

const newlyKnown = (client: TorrentClient): Known => ({
  ...{ client, turn: Promise.resolve(), isBusy: false },
  ...{ failures: 0, waitUntil: Number.NEGATIVE_INFINITY, lookedAt: null },
});

async function stopAll(known: Known, { store, mayPause, clock, log }: PauseDispatchDeps, stopping: AbortSignal): Promise<void> {
  const { name, pausing } = known.client;
  const signal = AbortSignal.timeout(WORK_MS);
  const at = clock.monotonic();
  const running = await pausing.running(AbortSignal.any([signal, stopping]));
  const held = new Set(store.held(name));
  const fresh = running.filter((id) => !held.has(id));
  if (!mayPause()) return;
  if (fresh.length > 0) await store.add(name, fresh);
  if (!mayPause()) return;
  if (running.length > 0) {
    // Not cut off by a stop: it could land after they were started again.
    await pausing.pause(running, signal);
    log.info({ client: name, count: running.length }, 'torrents stopped');
  }
  known.lookedAt = at;
}

async function startAgain({ client: { name, pausing } }: Known, { store, log }: PauseDispatchDeps): Promise<void> {
  const ids = store.held(name);
  if (ids.length === 0) return;
  await pausing.resume(ids, AbortSignal.timeout(WORK_MS));
  await store.forget(name);
  log.info({ client: name, count: ids.length }, 'torrents started again');
}
