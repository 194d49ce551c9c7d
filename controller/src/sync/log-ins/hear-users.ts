// The sockets of users who logged in: they tell at once what a key is not told. What is told is a hint; what counts is read then.
import type { Clock } from '../../clock.ts';
import { isAbort, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { type Bell, createBell } from '../../neighbours/bell.ts';
import type { HearUserSocket } from '../../neighbours/synced-hints.ts';
import type { ItemState } from '../../neighbours/synced-server.ts';
import { backOffMs } from '../state/back-off.ts';
import type { LogInStore } from './log-in-store.ts';

export type UserAt = { readonly server: string; readonly userId: string };

export type HearUsersDeps = {
  readonly store: Pick<LogInStore, 'all' | 'tokenOf'>;
  /** By server. */
  readonly sockets: ReadonlyMap<string, HearUserSocket>;
  /** Something of this item changed for this user. @throws ControllerError of the server */
  lookAt(at: UserAt, told: ItemState, signal: AbortSignal): Promise<void>;
  /** What that server has changed, or it may have told of something that nobody heard. */
  lookAtAll(server: string): void;
  readonly clock: Clock;
  readonly log: Log;
};

export type HearUsers = {
  /** Somebody logged in, or took it back. */
  changed(): void;
  /** Until the signal fires. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

const LOOK_MS = 3_600_000;
const MOST_WAITING = 5_000;
/** Open that long, it was a good one: what ends it is a restart or a wire. */
const GOOD_MS = 60_000;

export function hearUsers(deps: HearUsersDeps): HearUsers {
  const bell = createBell(deps.clock);
  return {
    changed: bell.ring,
    async run(signal) {
      const told = createTold(deps);
      await Promise.all([hearAll(deps, { bell, told }, signal), told.run(signal)]);
    },
  };
}

type Told = { note(at: UserAt, states: readonly ItemState[]): void; run(signal: AbortSignal): Promise<void> };

/** A season that is marked tells of each episode, and of itself, some times over: each item is looked at once. */
function createTold(deps: HearUsersDeps): Told {
  const bell = createBell(deps.clock);
  const waiting = new Map<string, { readonly at: UserAt; readonly state: ItemState }>();
  return {
    note(at, states) {
      for (const state of states) waiting.set(`${at.server} ${at.userId} ${state.itemId}`, { at, state });
      if (waiting.size > MOST_WAITING) {
        waiting.clear();
        deps.lookAtAll(at.server);
      }
      bell.ring();
    },
    async run(signal) {
      while (!signal.aborted) {
        const [next] = waiting;
        if (next === undefined) {
          await bell.wait(LOOK_MS, signal).catch(() => {});
          continue;
        }
        waiting.delete(next[0]);
        try {
          await deps.lookAt(next[1].at, next[1].state, signal);
        } catch (error) {
          // The next look at all of it finds what this one was about.
          if (!signal.aborted)
            deps.log.debug({ ...next[1].at, error: messageOf(error) }, 'what a socket told of could not be looked at');
        }
      }
    },
  };
}

type Heard = { readonly end: AbortController; readonly ended: Promise<void> };

async function hearAll(deps: HearUsersDeps, { bell, told }: { bell: Bell; told: Told }, signal: AbortSignal): Promise<void> {
  const heard = new Map<string, Heard>();
  while (!signal.aborted) {
    const wanted = new Map<string, UserAt & { readonly token: string }>(
      deps.store.all().flatMap(({ server, userId }) => {
        const token = deps.store.tokenOf(server, userId);
        return token === null ? [] : [[`${server} ${userId} ${token}`, { server, userId, token }] as const];
      }),
    );
    for (const [key, { end }] of heard) {
      if (wanted.has(key)) continue;
      end.abort();
      heard.delete(key);
    }
    for (const [key, one] of wanted) {
      if (heard.has(key)) continue;
      const end = new AbortController();
      heard.set(key, { end, ended: hearOne({ ...deps, told }, one, AbortSignal.any([signal, end.signal])) });
    }
    await bell.wait(LOOK_MS, signal).catch(() => {});
  }
  await Promise.all([...heard.values()].map(({ ended }) => ended));
}

async function hearOne(
  { sockets, clock, log, lookAtAll, told }: HearUsersDeps & { readonly told: Told },
  { server, userId, token }: UserAt & { readonly token: string },
  signal: AbortSignal,
): Promise<void> {
  const hear = sockets.get(server);
  let failures = 0;
  while (hear !== undefined && !signal.aborted) {
    const openMs = await hear(
      token,
      {
        opened() {
          if (failures > 0) log.info({ server, user: userId }, 'a user’s socket is heard again');
          // What happened while nobody listened is not told again.
          lookAtAll(server);
        },
        states: (states) => told.note({ server, userId }, states),
        library: () => lookAtAll(server),
      },
      signal,
    );
    if (signal.aborted) return;
    failures = openMs !== null && openMs >= GOOD_MS ? 1 : failures + 1;
    if (failures === 2) log.warn({ server, user: userId }, 'a user’s socket cannot be heard; their log-in may be void');
    await clock.sleep(backOffMs(failures), signal).catch((error: unknown) => {
      if (!isAbort(error)) throw error;
    });
  }
}
