// Sends due writes out: a few at a time per neighbour, each target one at a time, failures with back-off, and everything back at the end.
import type { Clock } from '../../clock.ts';
import { ControllerError, isAbort, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { HeldLimit } from './limit-store.ts';
import type { LimitTargets } from './limit-targets.ts';
import type { LimitWriter } from './limit-writer.ts';
import { type Moment, planWrites, type Wanted, type WriteStep } from './plan-writes.ts';

export type LimitDispatch = {
  /** Plans and starts what is due; returns at once. */
  apply(wanted: readonly Wanted[], moment: Moment, signal: AbortSignal): void;
  /** Resolves when no write is under way or waiting. */
  idle(): Promise<void>;
  /** Puts these back, bounded in time; answers with the labels of those that are not. */
  restoreAll(held: readonly HeldLimit[]): Promise<readonly string[]>;
};

export type LimitDispatchDeps = {
  readonly targets: LimitTargets;
  readonly writer: LimitWriter;
  readonly clock: Clock;
  readonly log: Log;
  readonly changed: () => void;
};

/** A Jellyfin takes 21 ms per policy write; more at once only delay its viewers' own requests. */
const IN_FLIGHT = 4;
const WRITE_MS = 10_000;
/** Stopping takes 8 s at most, with what comes before and after. */
const RESTORE_MS = 7_500;
const RESTORE_PAUSES_MS: readonly number[] = [250, 500, 1_000];

export function createLimitDispatch({ targets, writer, clock, log, changed }: LimitDispatchDeps): LimitDispatch {
  const { place, leave } = createPlaces(IN_FLIGHT);
  const busy = new Set<Promise<void>>();

  async function write(step: WriteStep, signal: AbortSignal): Promise<boolean> {
    const port = targets.port(step.key);
    if (!port) return false;
    const group = targets.group(step.key);
    targets.writeBegins(step.key);
    await place(group);
    try {
      signal.throwIfAborted();
      // A request that is on its way is not cut off by a stop: it could land after the original was put back.
      const change = await writer.carryOut(step, port, AbortSignal.timeout(WRITE_MS));
      targets.writeEnds(step.key, { at: clock.monotonic(), currentBps: change.afterBps, failed: false, written: change.written });
      return true;
    } catch (error) {
      const gone = error instanceof ControllerError && error.code === 'not_found';
      const failures = targets.writeEnds(step.key, { at: clock.monotonic(), currentBps: null, failed: true, written: false });
      if (gone) targets.remove(step.key);
      // Once for each time that it begins to fail; it is tried each minute, perhaps for months.
      if (!isAbort(error))
        log[failures > 1 ? 'debug' : 'warn'](
          { target: port.label, wanted: step.kind, error: messageOf(error) },
          gone ? 'limit has no owner any more' : 'limit not written',
        );
      return gone;
    } finally {
      leave(group);
      changed();
    }
  }

  function start(step: WriteStep, signal: AbortSignal): Promise<boolean> {
    const done = write(step, signal);
    const settled: Promise<void> = done.then(
      () => void busy.delete(settled),
      () => void busy.delete(settled),
    );
    busy.add(settled);
    return done;
  }

  /** Tried again a few times: this may be the last chance before the next start, and a neighbour that restarts with us drops connections. */
  async function putBack({ target, record }: HeldLimit, deadline: AbortSignal): Promise<boolean> {
    for (const pauseMs of [...RESTORE_PAUSES_MS, null]) {
      if (await start({ kind: 'restore', key: target, bps: record.originalBps }, deadline)) return true;
      if (pauseMs === null || !targets.has(target)) break;
      await clock.sleep(pauseMs, deadline).catch(() => {});
      if (deadline.aborted) break;
    }
    return false;
  }

  return {
    apply(wanted, moment, signal) {
      for (const step of planWrites(wanted, targets.view(moment.now), moment)) {
        // write() answers a failure with false and its own log line.
        void start(step, signal);
      }
    },
    async idle() {
      while (busy.size > 0) await Promise.all(busy);
    },
    async restoreAll(held) {
      const deadline = AbortSignal.timeout(RESTORE_MS);
      const late = new Promise<boolean>((resolve) => deadline.addEventListener('abort', () => resolve(false)));
      const results = await Promise.all(
        held.map(async (limit) => ((await Promise.race([putBack(limit, deadline), late])) ? null : limit.label)),
      );
      const failed = results.filter((label) => label !== null);
      if (held.length > 0)
        log.info({ restored: held.length - failed.length, of: held.length, not: failed }, 'originals put back');
      return failed;
    },
  };
}

/** At most so many at once in each group; who comes first goes first. */
function createPlaces(most: number) {
  const running = new Map<string, number>();
  const waiting: (() => void)[] = [];
  return {
    async place(group: string): Promise<void> {
      while ((running.get(group) ?? 0) >= most) await new Promise<void>((resolve) => waiting.push(resolve));
      running.set(group, (running.get(group) ?? 0) + 1);
    },
    leave(group: string): void {
      running.set(group, (running.get(group) ?? 1) - 1);
      for (const resume of waiting.splice(0)) resume();
    },
  };
}
