// Pure: how fast this node may be by its own configuration, at a time of the week.
import { MBIT } from '@headgate/protocol';
import type { Config } from '../config-schema.ts';

/** Bit/s. null: no limit; 0: nothing. */
export type Rates = { readonly upBps: number | null; readonly downBps: number | null };
/** By the machine's own time zone. @property weekday 0 is Monday. @property minute of the day */
export type WeekTime = { readonly weekday: number; readonly minute: number };

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** The first rule that fits stands over the rates without a time, each direction for itself. */
export function scheduledRates({ up_mbit, down_mbit, schedule }: Config['rates'], now: WeekTime): Rates {
  const rule = schedule.find((one) => fits(one, now));
  return { upBps: bpsOf(rule?.up_mbit, up_mbit), downBps: bpsOf(rule?.down_mbit, down_mbit) };
}

function bpsOf(ruled: number | null | undefined, plain: number | null): number | null {
  const mbit = ruled === undefined ? plain : ruled;
  return mbit === null ? null : Math.round(mbit * MBIT);
}

/** A rule over midnight belongs to the day on which it begins. */
function fits({ days, from, to }: Config['rates']['schedule'][number], { weekday, minute }: WeekTime): boolean {
  const isOn = (day: number): boolean => days.length === 0 || days.some((name) => name === DAYS[(day + 7) % 7]);
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  if (begin < end) return isOn(weekday) && minute >= begin && minute < end;
  return (isOn(weekday) && minute >= begin) || (isOn(weekday - 1) && minute < end);
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** The lower of two limits. */
export const lowerOf = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));
