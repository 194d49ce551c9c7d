// Pure: the home's wall clock as UTC: each day from midnight to midnight, 23 and 25 hours long where it is so.
import { IANAZone } from 'luxon';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `day`s are counted from 1970-01-01 of the calendar on the wall. */
export type WallClock = {
  dayAt(ms: number): number;
  /**
   * When it is so many minutes past midnight of `day`. A time that the clocks leap over is the moment of the leap, one that comes twice is
   * the first: so later on the wall is never earlier in truth. A day that a zone left out altogether has no length.
   */
  at(day: number, minutes: number): number;
  /** What the wall shows less UTC, ms. */
  offsetMs(ms: number): number;
};

export function createWallClock(zone: string): WallClock {
  const iana = IANAZone.create(zone);
  const read = (ms: number): number => (iana.isValid ? Math.round(iana.offset(ms) * 60_000) : 0);
  // To ask the zone takes 10 µs; most days have one offset from end to end.
  const known = new Map<number, number>();
  const ofDay = (utcDay: number): number => {
    const old = known.get(utcDay);
    if (old !== undefined) return old;
    const offset = read(utcDay * DAY_MS);
    known.set(utcDay, offset);
    return offset;
  };
  const offsetMs = (ms: number): number => {
    const utcDay = Math.floor(ms / DAY_MS);
    const offset = ofDay(utcDay);
    return offset === ofDay(utcDay + 1) ? offset : read(ms);
  };
  const at = (day: number, minutes: number): number => {
    const wall = day * DAY_MS + minutes * 60_000;
    const [early, late] = [offsetMs(wall - DAY_MS), offsetMs(wall + DAY_MS)];
    const candidates = [wall - early, wall - late].filter((ms) => ms + offsetMs(ms) === wall);
    if (candidates.length > 0) return Math.min(...candidates);
    let [below, above] = [wall - DAY_MS, wall + DAY_MS];
    while (above - below > 1000) {
      const middle = below + Math.floor((above - below) / 2000) * 1000;
      if (middle + offsetMs(middle) < wall) below = middle;
      else above = middle;
    }
    return above;
  };
  return { at, offsetMs, dayAt: (ms) => Math.floor((ms + offsetMs(ms)) / DAY_MS) };
}

/** `20:15`, also `24:00`; null for what is no time. */
export function minutesOf(time: string): number | null {
  const [, hours = '', minutes = ''] = /^(\d{1,2}):([0-5]\d)$/.exec(time) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return hours !== '' && total <= 24 * 60 ? total : null;
}

/** 1 is Monday, 7 is Sunday. */
export const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** `2026-12-24` */
export const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
