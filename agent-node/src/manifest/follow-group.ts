// When a group's manifest is asked for: by the poll, and soon after word of a newer one. Never by all nodes of a family at once.
import type { Clock, Log } from '@headgate/agent-router/agent-ground';
import { messageOf } from '../errors.ts';
import type { GroupFollower } from './group-follower.ts';

export type FollowDeps = {
  readonly follower: Pick<GroupFollower, 'refresh'>;
  readonly pollMs: number;
  /** Another manifest stands. */
  readonly onNew: () => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
};
export type Following = {
  /** Resolves after the signal. */
  readonly over: Promise<void>;
  /** There is a newer one. */
  readonly wake: () => void;
};

/** All hear a push in the same millisecond: a thousand ask over so long, and each still has it within two seconds. */
const SPREAD_MS = 1_500;
/** A poll comes after 90 to 110 % of its time: who came back together after a power cut soon asks alone. */
const POLL_JITTER = 0.1;
const AGAIN_MS = 60_000;

/** Asks at once, then goes on until the signal. */
export function followGroup({ follower, pollMs, onNew, clock, random, log }: FollowDeps, signal: AbortSignal): Following {
  let waking = new AbortController();
  const once = async (): Promise<void> => {
    waking = new AbortController();
    const both = AbortSignal.any([signal, waking.signal]);
    try {
      if (await follower.refresh(both)) onNew();
      await clock.sleep(pollMs * (1 + POLL_JITTER * (2 * random() - 1)), both);
    } catch (error) {
      if (signal.aborted) return;
      if (!both.aborted) {
        log.error({ problem: messageOf(error) }, 'the manifest could not be kept');
        await clock.sleep(AGAIN_MS, both).catch(() => {});
      }
      if (both.aborted) await clock.sleep(random() * SPREAD_MS, signal).catch(() => {});
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) await once();
  };
  return { over: run(), wake: () => waking.abort() };
}
