// Items that could not be had: when each may be tried again, and what is said of it.
import type { Clock, Log } from '@headgate/agent-router/agent-ground';
import { isCode, messageOf } from '../errors.ts';
import type { NodeState } from '../library/node-state.ts';
import type { WantedItem } from '../library/wanted.ts';
import type { ItemBoard } from '../report/item-board.ts';

type Deps = {
  readonly state: NodeState;
  readonly board: ItemBoard;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
};
export type Failures = {
  readonly mayTry: (key: string) => boolean;
  /** A round of tries failed. */
  readonly failed: (item: WantedItem, error: unknown) => Promise<void>;
  readonly noRoom: (item: WantedItem, problem: string) => void;
  readonly succeeded: (item: WantedItem) => Promise<void>;
  /** What is not wanted any more is forgotten; what is in quarantine is said so. */
  readonly keepOnly: (items: readonly WantedItem[]) => void;
};

/** Between two rounds, then twice as long each time. */
const ROUND_MS = 600_000;
const MOST_ROUND_MS = 6 * 3_600_000;
/** Wrong bytes are rather wrong again: asking costs the other side its uplink. Kept over restarts. */
const QUARANTINE_MS = 3_600_000;
const MOST_QUARANTINE_MS = 24 * 3_600_000;

export function createFailures({ state, board, clock, random, log }: Deps): Failures {
  const waiting = new Map<string, { readonly rounds: number; readonly notBeforeMs: number }>();
  const isInQuarantine = (key: string): boolean => (state.quarantined(key)?.notBeforeMs ?? 0) > clock.now();
  const quarantine = async (item: WantedItem, problem: string): Promise<void> => {
    const before = state.quarantined(item.key)?.tries ?? 0;
    const wait = Math.min(MOST_QUARANTINE_MS, QUARANTINE_MS * 2 ** Math.min(before, 10));
    await state.quarantine(item.key, { tries: before + 1, notBeforeMs: clock.now() + wait, problem });
    log.error({ path: item.path, problem }, 'the bytes were wrong: they lie in quarantine');
    board.set(item, { state: 'quarantined', bytesDone: 0, problem, isMissed: true });
  };
  return {
    mayTry: (key) => (waiting.get(key)?.notBeforeMs ?? Number.NEGATIVE_INFINITY) <= clock.monotonic() && !isInQuarantine(key),
    async failed(item, error) {
      const problem = messageOf(error);
      if (isCode(error, 'bytes_wrong')) return quarantine(item, problem);
      const rounds = (waiting.get(item.key)?.rounds ?? 0) + 1;
      const wait = Math.min(MOST_ROUND_MS, ROUND_MS * 2 ** Math.min(rounds - 1, 10)) * (0.75 + random() / 2);
      waiting.set(item.key, { rounds, notBeforeMs: clock.monotonic() + wait });
      log.warn({ path: item.path, problem }, 'could not be had; tried again later');
      board.set(item, { state: 'failed', problem, isMissed: true });
    },
    noRoom(item, problem) {
      log.warn({ path: item.path, problem }, 'skipped: there is no room for it');
      waiting.set(item.key, { rounds: 0, notBeforeMs: clock.monotonic() + ROUND_MS });
      board.set(item, { state: 'skipped', problem, isMissed: true });
    },
    async succeeded({ key }) {
      waiting.delete(key);
      await state.quarantine(key, null);
    },
    keepOnly(items) {
      const keys = new Set(items.map(({ key }) => key));
      for (const key of [...waiting.keys()]) if (!keys.has(key)) waiting.delete(key);
      for (const item of items)
        if (isInQuarantine(item.key))
          board.set(item, { state: 'quarantined', problem: state.quarantined(item.key)?.problem ?? null, isMissed: true });
    },
  };
}
