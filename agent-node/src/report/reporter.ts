// Says the report when something changed: within a second, or, where bytes alone moved, more and more seldom. Where nothing changes, each five minutes.

import type { Clock } from '@headgate/agent-router/agent-ground';
import type { NodeReport } from '@headgate/protocol';
import type { Changed, ItemRow } from './item-board.ts';

type Deps = {
  /** Makes the report now. `downBps` is of the time since the last one. */
  readonly make: (downBps: (row: ItemRow) => number) => Promise<NodeReport>;
  readonly say: (report: NodeReport) => void;
  /** None could be made: the next change tries again. */
  readonly failed: (error: unknown) => void;
  readonly clock: Clock;
};

const LEAST_MS = 1_000;
/** A film takes minutes, and a thousand nodes may load it at once. */
const MOST_PROGRESS_MS = 10_000;
const GROWTH = 1.25;
/** Whoever says nothing for three times as long is taken for silent. */
const BEAT_MS = 300_000;

/** @returns what is called at each change, until the signal. */
export function createReporter({ make, say, failed, clock }: Deps, signal: AbortSignal): Changed {
  let isDue = false;
  let isRunning = false;
  let isNews = false;
  let gapMs = LEAST_MS;
  let waking = new AbortController();
  let sample = { atMs: clock.monotonic(), bytes: new Map<string, number>() };
  const once = async (): Promise<void> => {
    // What is reported is what the next one is compared with: a row that came while it was made has a rate a second later.
    const next = { atMs: clock.monotonic(), bytes: new Map<string, number>() };
    const { atMs, bytes } = sample;
    const seconds = Math.max(0.001, (next.atMs - atMs) / 1000);
    sample = next;
    const downBps = (row: ItemRow): number => {
      const before = bytes.get(idOf(row));
      if (isComing(row)) next.bytes.set(idOf(row), row.bytesDone);
      return !isComing(row) || before === undefined ? 0 : Math.max(0, Math.round(((row.bytesDone - before) * 8) / seconds));
    };
    say(await make(downBps));
  };
  const run = async (): Promise<void> => {
    while (isDue && !signal.aborted) {
      gapMs = isNews ? LEAST_MS : Math.min(MOST_PROGRESS_MS, gapMs * GROWTH);
      isDue = false;
      isNews = false;
      await once();
      await clock.sleep(LEAST_MS, signal);
      if (isNews || gapMs === LEAST_MS) continue;
      waking = new AbortController();
      await clock.sleep(gapMs - LEAST_MS, AbortSignal.any([signal, waking.signal])).catch(() => {});
    }
  };
  const changed: Changed = (what) => {
    isDue = true;
    if (what === undefined) {
      isNews = true;
      waking.abort();
    }
    if (isRunning) return;
    isRunning = true;
    void run()
      .catch((error: unknown) => {
        if (!signal.aborted) failed(error);
      })
      .finally(() => {
        isRunning = false;
      });
  };
  const beat = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(BEAT_MS, signal);
      changed('progress');
    }
  };
  beat().catch(() => {});
  return changed;
}

const isComing = ({ state }: ItemRow): boolean => state === 'downloading';
const idOf = ({ group, path }: ItemRow): string => `${group}/${path}`;
