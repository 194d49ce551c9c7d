// What one sink is still to get: in memory as in the store, bounded, and who waits for it is woken.
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { NotificationStore } from './notification-store.ts';
import { heldIn, type Queued } from './plan-delivery.ts';

export type Backlog = {
  /** Oldest first. In quiet hours all but errors are held from now on. */
  all(isQuiet: boolean): readonly Queued[];
  add(one: Queued): void;
  /** Delivered or left out: never sent again, also after a restart. */
  forget(gone: readonly Queued[]): Promise<void>;
  /** Given up, and to be told as lost. */
  lose(gone: readonly Queued[]): Promise<void>;
  lost(): number;
  /** Lost ones that the sink does not know of. */
  untold(): number;
  told(count: number): void;
  /** Fires at the next addition, or at `wake`. */
  nextWake(): AbortSignal;
  wake(): void;
};

/** An evening of a restless home. Beyond this a sink that is down loses the oldest, and is told how many. */
const MOST_QUEUED = 100;

export function createBacklog(
  sink: string,
  { store, log }: { readonly store: Pick<NotificationStore, 'remove'>; readonly log: Log },
): Backlog {
  let queue: readonly Queued[] = [];
  let lost = 0;
  let untold = 0;
  let asleep = new AbortController();

  async function forget(gone: readonly Queued[]): Promise<void> {
    const ids = gone.map(({ notification }) => notification.id);
    queue = queue.filter(({ notification }) => !ids.includes(notification.id));
    // Once it is kept: what is taken away before it is there would stay.
    await Promise.all(gone.map(({ kept }) => kept));
    await store
      .remove(sink, ids)
      .catch((error: unknown) => log.error({ sink, error: messageOf(error) }, 'what was delivered could not be noted'));
  }
  function lose(gone: readonly Queued[]): Promise<void> {
    lost += gone.length;
    untold += gone.length;
    return forget(gone);
  }

  return {
    all(isQuiet) {
      queue = heldIn(queue, isQuiet);
      return queue;
    },
    add(one) {
      queue = [...queue, one];
      // Not waited for: whoever tells does not wait for disks. forget() answers a failure with its own log line.
      if (queue.length > MOST_QUEUED) void lose(queue.slice(0, queue.length - MOST_QUEUED));
      asleep.abort();
    },
    forget,
    lose,
    lost: () => lost,
    untold: () => untold,
    told(count) {
      untold -= count;
    },
    nextWake() {
      asleep = new AbortController();
      return asleep.signal;
    },
    wake: () => asleep.abort(),
  };
}
