// How far a server's clock is from ours, by the Date header of its answers: LastPlaybackCheckIn is told by its clock, not by ours.
import type { Clock } from '../clock.ts';

/** The header has whole seconds, and an answer takes its time. */
const RESOLUTION_MS = 2000;

export type ClockOffset = { note(date: string): void; ms(): number };

export const createClockOffset = (clock: Clock): ClockOffset => {
  let offsetMs = 0;
  return {
    note(date) {
      const offset = Date.parse(date) - clock.now();
      if (Number.isFinite(offset)) offsetMs = Math.abs(offset) < RESOLUTION_MS ? 0 : offset;
    },
    ms: () => offsetMs,
  };
};
