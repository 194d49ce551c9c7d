// What is to come, some at a time; a failed item waits its turn, and holds up nobody.
import type { Clock, Log } from '@headgate/agent-router/agent-ground';
import { type AgentErrorCode, isCode, messageOf } from '../errors.ts';
import type { PlacedFile } from '../library/node-state.ts';
import type { ItemBoard } from '../report/item-board.ts';
import type { Failures } from './failures.ts';
import type { GetItem, ItemWork } from './get-item.ts';

export type QueueDeps = {
  readonly parallel: number;
  readonly attempts: number;
  readonly getItem: GetItem;
  /** A sentence why there is no room for so many bytes; null where there is. `comingBytes`: of those under way. */
  readonly roomProblem: (bytes: number, comingBytes: number) => Promise<string | null>;
  readonly failures: Failures;
  readonly board: ItemBoard;
  readonly onPlaced: (files: readonly PlacedFile[]) => void;
  readonly clock: Clock;
  readonly log: Log;
};
export type DownloadQueue = {
  /** The whole wish: what is under way and in it goes on, what is not in it is stopped. Resolves when that is over. */
  readonly want: (works: readonly ItemWork[]) => Promise<void>;
  /** Begins what may be tried again by now. */
  readonly look: () => void;
  readonly pause: (isPaused: boolean) => void;
  /** Resolves when nothing is under way and nothing may begin. */
  readonly idle: () => Promise<void>;
  readonly isIdle: () => boolean;
  readonly end: () => Promise<void>;
};

type Running = { readonly work: ItemWork; readonly ending: AbortController; readonly over: Promise<void>; coming: number };

/** As the seed: 30 s, 60 s, 90 s between the tries of one round. */
const WAIT_MS = 30_000;
/** Another try at once would end the same way. */
const FINAL: readonly AgentErrorCode[] = ['bytes_wrong', 'not_allowed', 'no_room', 'refused', 'not_found'];

export function createDownloadQueue(deps: QueueDeps): DownloadQueue {
  const { parallel, failures } = deps;
  let wanted: readonly ItemWork[] = [];
  let isHeld = false;
  const running = new Map<string, Running>();
  const idlers: (() => void)[] = [];
  let admitting: Promise<unknown> = Promise.resolve();
  const fill = (): void => {
    for (const work of isHeld ? [] : wanted) {
      if (running.size >= parallel) break;
      if (!running.has(work.item.key) && failures.mayTry(work.item.key)) begin(work);
    }
    if (running.size === 0) for (const idler of idlers.splice(0)) idler();
  };
  const begin = (work: ItemWork): void => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const one: Running = { work, ending: new AbortController(), over: promise, coming: 0 };
    running.set(work.item.key, one);
    // One after the other: two that would fit alone may not fit together.
    const admitted = admitting.then(() => hasRoom(deps, one, [...running.values()]));
    admitting = admitted;
    void admitted
      .then((may) => (may ? round(deps, one) : false))
      .then((isPlaced) => {
        if (isPlaced) wanted = wanted.filter(({ item }) => item.group !== work.item.group || item.path !== work.item.path);
        running.delete(work.item.key);
        resolve();
        fill();
      });
  };
  return {
    async want(works) {
      wanted = works;
      const keys = new Set(works.map(({ item }) => item.key));
      const stopped = [...running].filter(([key]) => !keys.has(key)).map(([, one]) => one);
      for (const { ending } of stopped) ending.abort();
      failures.keepOnly(works.map(({ item }) => item));
      fill();
      await Promise.all(stopped.map(({ over }) => over));
    },
    look: fill,
    pause(isPaused) {
      isHeld = isPaused;
      fill();
    },
    isIdle: () => running.size === 0,
    idle: () =>
      new Promise((resolve) => {
        idlers.push(resolve);
        fill();
      }),
    async end() {
      isHeld = true;
      for (const { ending } of running.values()) ending.abort();
      await Promise.all([...running.values()].map(({ over }) => over));
    },
  };
}

const bytesOf = ({ files }: Pick<ItemWork, 'files'>): number => files.reduce((sum, { size }) => sum + (size ?? 0), 0);

/** Never throws. What is not let in is said. */
async function hasRoom({ failures, roomProblem }: QueueDeps, one: Running, running: readonly Running[]): Promise<boolean> {
  const bytes = bytesOf(one.work);
  const coming = running.reduce((sum, other) => sum + other.coming, 0);
  const problem = await roomProblem(bytes, coming).catch(messageOf);
  if (problem === null) one.coming = bytes;
  else failures.noRoom(one.work.item, problem);
  return problem === null;
}

/** True where the item is placed. Never throws. */
async function round(deps: QueueDeps, one: Running): Promise<boolean> {
  const { failures, board, log } = deps;
  const { item } = one.work;
  try {
    const placed = await tries(deps, one);
    await failures.succeeded(item);
    const bytes = item.size ?? bytesOf(one.work);
    board.set(item, { state: 'placed', bytesDone: bytes, bytesTotal: bytes, problem: null, isMissed: false });
    log.info({ group: item.group, path: item.path }, 'placed');
    deps.onPlaced(placed);
    return true;
  } catch (error) {
    // Not wanted any more: nobody asks how it is.
    if (!one.ending.signal.aborted)
      await failures
        .failed(item, error)
        .catch((cause: unknown) => log.error({ problem: messageOf(cause) }, 'the record cannot be written'));
    return false;
  }
}

/** One round: so many tries, and a try that brought something new counts as the first. */
async function tries({ getItem, attempts, board, clock, log }: QueueDeps, one: Running): Promise<readonly PlacedFile[]> {
  const { work, ending } = one;
  const { item } = work;
  const total = bytesOf(work);
  const there = Math.max(0, (item.size ?? total) - total);
  let [most, done] = [0, 0];
  const progress = {
    bytes: (bytes: number): void => {
      if (ending.signal.aborted) return;
      done = bytes;
      one.coming = Math.max(0, total - bytes);
      board.set(item, { state: 'downloading', bytesDone: there + bytes, problem: null });
    },
    verifying: (): void => board.set(item, { state: 'verifying' }),
  };
  board.set(item, { state: 'downloading', problem: null, isMissed: false });
  for (let count = 1; ; count += 1) {
    try {
      return await getItem(work, progress, ending.signal);
    } catch (error) {
      ending.signal.throwIfAborted();
      if (done > most) count = 1;
      most = Math.max(most, done);
      if (FINAL.some((code) => isCode(error, code)) || count >= attempts) throw error;
      log.info({ path: item.path, problem: messageOf(error), tries: count }, 'tried again soon');
      board.set(item, { state: 'waiting', problem: messageOf(error) });
      await clock.sleep(WAIT_MS * count, ending.signal);
    }
  }
}
