// The one time line of a running channel: 90 kHz ticks that only rise, UTC milliseconds of the schedule, and the live edge that joins them.
import type { Clock } from '../clock.ts';

/** MPEG-TS counts time in these. */
export const TICKS_PER_MS = 90;

/** Ahead of 0, so that a decoding time before the first picture is no negative number. */
export const FIRST_TICKS = 900_000;

/** A clock that was set by more than this is followed at once; less is made up for by running 2 % faster or slower. */
const JUMP_MS = 10_000;
const SLEW = 0.02;

export type TimeLine = {
  /** Where the schedule is now. Rises with the steady clock and follows the set one. */
  liveMs(): number;
  ticksOf(ms: number): number;
  msOf(ticks: number): number;
  /** Looks at the clocks. True: the clock jumped; ticks go on from `frontTicks`, which is `lagMs` behind the new live edge. */
  follow(frontTicks: number, lagMs: number): boolean;
};

/** `originMs` lies at FIRST_TICKS. */
export function createTimeLine(clock: Pick<Clock, 'now' | 'monotonic'>, originMs: number): TimeLine {
  let origin = { ms: originMs, ticks: FIRST_TICKS };
  let offset = clock.now() - clock.monotonic();
  let looked = clock.monotonic();
  const liveMs = (): number => clock.monotonic() + offset;
  return {
    liveMs,
    ticksOf: (ms) => Math.round(origin.ticks + (ms - origin.ms) * TICKS_PER_MS),
    msOf: (ticks) => origin.ms + (ticks - origin.ticks) / TICKS_PER_MS,
    follow(frontTicks, lagMs) {
      const steady = clock.monotonic();
      const wrong = clock.now() - steady - offset;
      const most = (steady - looked) * SLEW;
      looked = steady;
      if (Math.abs(wrong) <= JUMP_MS) {
        offset += Math.max(-most, Math.min(most, wrong));
        return false;
      }
      offset += wrong;
      origin = { ms: liveMs() - lagMs, ticks: frontTicks };
      return true;
    },
  };
}
