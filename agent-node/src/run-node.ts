// What runs when: each group by its own beat, one look at the library after what is new, the media server after each batch.

import type { Clock, Log } from '@headgate/agent-router/agent-ground';
import type { Agent } from './agent.ts';
import { isCode, messageOf } from './errors.ts';
import { followGroup } from './manifest/follow-group.ts';
import type { GroupFollower } from './manifest/group-follower.ts';

export type Rescan = (paths: readonly string[], signal: AbortSignal) => Promise<void>;
export type RunDeps = {
  readonly agent: Agent;
  /** Null: there is no media server to tell. */
  readonly rescan: Rescan | null;
  readonly pollMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
};
export type RunningNode = {
  /** Resolves after the signal. */
  readonly over: Promise<void>;
  /** A newer version of a group is there. */
  readonly refresh: (group: string, version: number) => void;
  /** The library is looked at anew, and the media server looks at these paths. */
  readonly rescan: (paths: readonly string[]) => void;
};

/** One look at what waits to be tried again; nothing is read for it. */
const LOOK_MS = 60_000;
/** Also where nothing new came: a person may have taken something away, and grace periods end. */
const WHOLE_LOOK_MS = 86_400_000;
/** A long queue does not keep its first film from the media server. */
const MOST_BATCH_MS = 300_000;

/** Everything once. True where all that is wanted is in its place. */
export async function runOnce({ agent, rescan, log }: Omit<RunDeps, 'random'>, signal: AbortSignal): Promise<boolean> {
  const { followers, reconcile, queue, board } = agent;
  await Promise.all(followers.map((follower) => follower.refresh(signal)));
  await reconcile(signal);
  await queue.idle();
  signal.throwIfAborted();
  const changed = [...new Set([...agent.takeChanged(), ...agent.state.untold()])];
  let isSeen = true;
  if (rescan !== null && changed.length > 0)
    await tell(agent, rescan, changed, signal).catch((error: unknown) => {
      isSeen = false;
      log.warn({ problem: messageOf(error) }, 'the media server was not told');
    });
  const missed = board.rows().filter(({ isMissed }) => isMissed);
  const groups = followers.filter((follower) => follower.problem() !== null || (follower.manifest()?.refused.length ?? 0) > 0);
  log.info({ placed: board.rows().filter(({ state }) => state === 'placed').length, missed: missed.length }, 'once through');
  return missed.length === 0 && groups.length === 0 && isSeen;
}

async function tell({ state }: Agent, rescan: Rescan, paths: readonly string[], signal: AbortSignal): Promise<void> {
  await rescan(paths, signal);
  await state.told(paths);
}

/** Goes on until the signal; nothing that is dead ends it. */
export function runNode(deps: RunDeps, signal: AbortSignal): RunningNode {
  const { agent, pollMs, clock, random, log } = deps;
  const look = createLook(deps, signal);
  const beats = agent.followers.map((follower) => ({
    follower,
    following: followGroup({ follower, pollMs, onNew: () => look.now(), clock, random, log }, signal),
  }));
  const groupOf = (follower: GroupFollower): string | null => follower.manifest()?.group ?? follower.source.group;
  look.now();
  return {
    over: Promise.all([...beats.map(({ following }) => following.over), look.running]).then(() => {}),
    refresh(group, version) {
      for (const { follower, following } of beats)
        if (groupOf(follower) === group && (follower.manifest()?.version ?? 0) < version) following.wake();
    },
    rescan: look.again,
  };
}

type Look = { readonly now: () => void; readonly again: (paths: readonly string[]) => void; readonly running: Promise<void> };

/** One look at a time; what is asked for meanwhile is the next. */
function createLook({ agent, rescan, clock, log }: RunDeps, signal: AbortSignal): Look {
  let isAsked = false;
  let waking = new AbortController();
  let wholeAtMs = Number.NEGATIVE_INFINITY;
  let batchSinceMs: number | null = null;
  /** Paths that the media server has not heard of. */
  const untold = new Set<string>(agent.state.untold());
  const whole = async (): Promise<void> => {
    isAsked = false;
    wholeAtMs = clock.monotonic();
    await agent.reconcile(signal).catch((error: unknown) => {
      if (!signal.aborted) log.error({ problem: messageOf(error) }, 'the library could not be looked at');
    });
  };
  const batch = async (): Promise<void> => {
    for (const path of agent.takeChanged()) untold.add(path);
    const isLong = batchSinceMs !== null && clock.monotonic() - batchSinceMs >= MOST_BATCH_MS;
    if (untold.size > 0) batchSinceMs ??= clock.monotonic();
    if (!agent.queue.isIdle() && !isLong) return;
    batchSinceMs = null;
    await agent.seed(signal);
    if (rescan === null || untold.size === 0) return untold.clear();
    const paths = [...untold];
    untold.clear();
    await tell(agent, rescan, paths, signal).catch((error: unknown) => {
      if (signal.aborted) return;
      log.warn({ problem: messageOf(error) }, 'the media server was not told');
      // One that is down is told when it is up again; what else is wrong would be wrong again.
      if (isCode(error, 'unreachable') || isCode(error, 'timeout')) for (const path of paths) untold.add(path);
    });
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      if (isAsked || clock.monotonic() - wholeAtMs >= WHOLE_LOOK_MS) await whole();
      agent.queue.look();
      await batch();
      if (isAsked) continue;
      waking = new AbortController();
      const idle = agent.queue.isIdle() ? [] : [agent.queue.idle()];
      await Promise.race([clock.sleep(LOOK_MS, AbortSignal.any([signal, waking.signal])).catch(() => {}), ...idle]);
      waking.abort();
    }
  };
  const now = (): void => {
    isAsked = true;
    waking.abort();
  };
  return {
    now,
    again(paths) {
      for (const path of paths) untold.add(path);
      now();
    },
    running: run(),
  };
}
