// Pure: what the operator wants at some hours of the week, over what holds at all others.
import type { BandwidthSettings } from './settings.ts';
import { patched, type SettingsPatch } from './settings-patch.ts';

/** As the clocks on the walls of the home show it. @property weekday 0 is Monday. @property minute of the day */
export type WallTime = { readonly weekday: number; readonly minute: number };

/** What it changes stands in it as a patch. */
export type ScheduleRule = SettingsPatch & {
  readonly name: string;
  /** 0 is Monday; none: every day. */
  readonly weekdays: readonly number[];
  readonly fromMinute: number;
  /** At `fromMinute` or before it: on the next day. Such a rule belongs to the day on which it begins. */
  readonly toMinute: number;
};

const DAYS = 7;

/** The first that holds; null where none does. */
export const ruleAt = (rules: readonly ScheduleRule[], now: WallTime): ScheduleRule | null =>
  rules.find((rule) => holds(rule, now)) ?? null;

function holds({ weekdays, fromMinute, toMinute }: ScheduleRule, { weekday, minute }: WallTime): boolean {
  const isOn = (day: number): boolean => weekdays.length === 0 || weekdays.includes((day + DAYS) % DAYS);
  if (fromMinute < toMinute) return isOn(weekday) && minute >= fromMinute && minute < toMinute;
  return (isOn(weekday) && minute >= fromMinute) || (isOn(weekday - 1) && minute < toMinute);
}

/** The settings while this rule holds. */
export const withRule = (settings: BandwidthSettings, rule: ScheduleRule | null): BandwidthSettings =>
  rule === null ? settings : { ...patched(settings, rule), rule: rule.name };
