// The job of each night, by the home's clock on the wall.
import { Cron } from 'croner';
import type { Clock } from '../clock.ts';
import { isAbort } from '../errors.ts';

export type Job = {
  readonly name: string;
  /** UTC ms */
  readonly nextRun: number | null;
  readonly lastRun: number | null;
  /** It works just now. */
  readonly running: boolean;
};

export type NightlyJob = {
  job(): Job | null;
  /** Until the signal fires. `work` must not reject. */
  run(work: () => Promise<void>, signal: AbortSignal): Promise<void>;
};

/** After midnight and before anybody gets up; Jellyfin's own tasks begin at 3. */
const PATTERN = '0 2 * * *';
/** The machine's clock may be set, or the machine sleep: no longer nap than this. */
const NAP_MS = 15 * 60_000;

/** @param name for the list of jobs */
export function createNightlyJob(name: string, timeZone: string, clock: Clock): NightlyJob {
  const pattern = new Cron(PATTERN, { timezone: timeZone, paused: true });
  const after = (ms: number): number | null => pattern.nextRun(new Date(ms))?.getTime() ?? null;
  let lastRun: number | null = null;
  let isListed = false;
  let running = false;
  return {
    job: () => (isListed ? { name, nextRun: after(clock.now()), lastRun, running } : null),
    async run(work, signal) {
      isListed = true;
      try {
        let next = after(clock.now());
        while (!signal.aborted && next !== null) {
          const left = next - clock.now();
          if (left > 0) await clock.sleep(Math.min(left, NAP_MS), signal);
          if (clock.now() < next) {
            // Set back: the next two o'clock may be an earlier one.
            next = after(clock.now());
            continue;
          }
          lastRun = clock.now();
          running = true;
          await work();
          running = false;
          next = after(clock.now());
        }
      } catch (error) {
        if (!isAbort(error)) throw error;
      } finally {
        isListed = false;
      }
    },
  };
}
