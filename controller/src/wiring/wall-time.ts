// Day of the week and minute of the day in a home, for the features that go by the hour.
import { createWallClock, weekdayOf } from '../channels/schedule/wall-clock.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * Reads the wall clocks of a zone at UTC ms; Monday is 0. What is held against these is right in summer and in winter: an hour that a spring night leaves out is
 * left out, one that an autumn night has twice is there twice.
 */
export function wallTimeIn(timeZone: string): (utcMs: number) => { readonly weekday: number; readonly minute: number } {
  const wall = createWallClock(timeZone);
  return (utcMs) => {
    const day = wall.dayAt(utcMs);
    return {
      weekday: weekdayOf(day) - 1,
      minute: Math.floor((utcMs + wall.offsetMs(utcMs) - day * DAY_MS) / MINUTE_MS),
    };
  };
}
