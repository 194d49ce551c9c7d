// Every limit that may be set, with what is known of it: the last reading, our last write, and whether one is under way.

import type { LimitSlot, TorrentClient } from '../../neighbours/download-client.ts';
import type { MediaUser, UserLimits } from '../../neighbours/media-server.ts';
import { judgeLimit } from './judge-limit.ts';
import type { LimitStore } from './limit-store.ts';
import type { LimitPort } from './limit-writer.ts';
import { sameLimit, type Target } from './plan-writes.ts';

export const userTarget = (server: string, userId: string): string => `user:${server}/${userId}`;
/** `torrent:` are upload limits: they were here first, and an earlier version's originals are found again. */
export const torrentTarget = (client: string, { direction, mode }: LimitSlot): string =>
  `${direction === 'upload' ? 'torrent' : 'download'}:${client}/${mode}`;

/** A server whose users may be limited. */
export type LimitingServer = { readonly name: string; readonly userLimits: UserLimits };

type Known = {
  readonly port: LimitPort;
  readonly group: string;
  currentBps: number | null;
  writtenAt: number | null;
  busyUntil: number;
  failures: number;
  /** Counts writes begun and ended, so that a reading that began before one is not believed. */
  generation: number;
};

export type LimitTargets = {
  port(key: string): LimitPort | undefined;
  /** The server or client it belongs to. */
  group(key: string): string;
  has(key: string): boolean;
  keys(): readonly string[];
  addUser(server: LimitingServer, user: Pick<MediaUser, 'id' | 'name'>): string;
  addTorrentSlot(client: TorrentClient, slot: LimitSlot): string;
  remove(key: string): void;
  /** A token to hand back with the reading that it was taken before. */
  readingBegins(): ReadonlyMap<string, number>;
  /** Takes a reading; false where a write came between. `begun` null: the reading is of now, so only a write under way forbids it. */
  read(key: string, currentBps: number, begun: ReadonlyMap<string, number> | null): boolean;
  writeBegins(key: string): void;
  /** Steady ms. A failed one waits, longer each time, up to a minute. Answers with how many have failed in a row. */
  writeEnds(
    key: string,
    outcome: { readonly at: number; readonly currentBps: number | null; readonly failed: boolean; readonly written: boolean },
  ): number;
  /** What stands there, and steady ms of our last write; null where it was never read. */
  standing(key: string): { readonly bps: number; readonly writtenAt: number | null } | null;
  view(now: number): ReadonlyMap<string, Target>;
};

const MOST_WAIT_MS = 60_000;

export function createLimitTargets(store: LimitStore): LimitTargets {
  const known = new Map<string, Known>();
  const add = (key: string, group: string, port: LimitPort): string => {
    if (!known.has(key))
      known.set(key, { port, group, currentBps: null, writtenAt: null, busyUntil: 0, failures: 0, generation: 0 });
    return key;
  };
  return {
    port: (key) => known.get(key)?.port,
    group: (key) => known.get(key)?.group ?? '',
    has: (key) => known.has(key),
    keys: () => [...known.keys()],
    addUser: (server, user) =>
      add(userTarget(server.name, user.id), server.name, {
        label: `${user.name} at ${server.name}`,
        rounded: (bps) => server.userLimits.rounded(bps),
        change: (decide, signal) => server.userLimits.changeUserLimit(user.id, decide, signal),
      }),
    addTorrentSlot: (client, slot) =>
      add(torrentTarget(client.name, slot), client.name, {
        label: labelOf(client, slot),
        rounded: (bps) => client.rounded(bps, slot.direction),
        change: (decide, signal) => client.changeLimit(slot, decide, signal),
      }),
    remove: (key) => void known.delete(key),
    readingBegins: () => new Map([...known].map(([key, { generation }]) => [key, generation])),
    read(key, currentBps, begun) {
      const target = known.get(key);
      if (!target || target.busyUntil === Number.POSITIVE_INFINITY) return false;
      if ((begun?.get(key) ?? target.generation) !== target.generation) return false;
      target.currentBps = currentBps;
      return true;
    },
    writeBegins(key) {
      const target = known.get(key);
      if (target) Object.assign(target, { busyUntil: Number.POSITIVE_INFINITY, generation: target.generation + 1 });
    },
    writeEnds(key, { at, currentBps, failed, written }) {
      const target = known.get(key);
      if (!target) return 0;
      target.generation += 1;
      target.failures = failed ? target.failures + 1 : 0;
      target.busyUntil = failed ? at + Math.min(MOST_WAIT_MS, 500 * 2 ** target.failures) : 0;
      if (written) target.writtenAt = at;
      if (currentBps !== null) target.currentBps = currentBps;
      return target.failures;
    },
    standing(key) {
      const target = known.get(key);
      return target === undefined || target.currentBps === null ? null : { bps: target.currentBps, writtenAt: target.writtenAt };
    },
    view: (now) =>
      new Map(
        [...known].map(([key, { currentBps, writtenAt, busyUntil, port }]) => {
          return [
            key,
            {
              key,
              currentBps,
              writtenAt,
              busy: busyUntil > now,
              originalBps: originalToReturn(store, key, currentBps),
              rounded: port.rounded,
            },
          ];
        }),
      ),
  };
}

function labelOf({ name }: TorrentClient, { direction, mode }: LimitSlot): string {
  const which = [...(direction === 'download' ? ['download'] : []), ...(mode === 'alternative' ? ['alternative speed'] : [])];
  return which.length === 0 ? name : `${name} (${which.join(', ')})`;
}

/** Held, or one of our caps came back after we let go: a page of the dashboard that was opened before, or a request that landed late. */
function originalToReturn(store: LimitStore, key: string, currentBps: number | null): number | null {
  const record = store.record(key);
  if (record === null || record.held) return record?.originalBps ?? null;
  if (currentBps === null || sameLimit(currentBps, record.originalBps)) return null;
  return judgeLimit(currentBps, record).kind === 'ours' ? record.originalBps : null;
}
