// Moments as a person types and reads them: by the clocks of the home, or with an offset.
import { createWallClock } from '../../channels/schedule/wall-clock.ts';

const WRITTEN = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?(Z|[+-]\d\d:\d\d)?$/;
const DAY_MS = 86_400_000;
const SECOND_MS = 1_000;

/** UTC ms of `2026-11-27`, `2026-11-27T18:00`, `2026-11-27T18:00:30Z` or `…+02:00`. @param name of the flag, for the error. @throws Error for what is none. */
export function momentOf(name: string, text: string, timeZone: string): number {
  const [, year, month, day, hour = '00', minute = '00', second = '00', offset] = WRITTEN.exec(text) ?? [];
  const wall = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(wall) || new Date(wall).getUTCDate() !== Number(day))
    throw new Error(`${name} ${text}: must be a time such as 2026-11-27, 2026-11-27T18:00 or 2026-11-27T18:00Z`);
  if (offset !== undefined) return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  const date = Math.floor(wall / DAY_MS);
  return createWallClock(timeZone).at(date, Math.floor((wall - date * DAY_MS) / 60_000)) + Number(second) * SECOND_MS;
}

/** As the clocks on the walls show it: `2026-11-27 18:00:30`. */
export const writeMoment = (utcMs: number, timeZone: string): string =>
  new Date(utcMs + createWallClock(timeZone).offsetMs(utcMs)).toISOString().slice(0, 19).replace('T', ' ');
