// Pure: what the operator wants at some hours of the week, over what holds at all others.
import type { BandwidthSettings } from './settings.ts';
import type { Reserve } from './uplink-budget.ts';

/** As the clocks on the walls of the home show it. @property weekday 0 is Monday. @property minute of the day */
export type WallTime = { readonly weekday: number; readonly minute: number };

/** Rates bit/s. What is undefined stays as it is. */
export type ScheduleRule = {
  readonly name: string;
  /** 0 is Monday; none: every day. */
  readonly weekdays: readonly number[];
  readonly fromMinute: number;
  /** At `fromMinute` or before it: on the next day. Such a rule belongs to the day on which it begins. */
  readonly toMinute: number;
  readonly capacityUpBps?: number | undefined;
  readonly capacityDownBps?: number | undefined;
  readonly reserve?: Reserve | undefined;
  readonly maxPerViewerBps?: number | undefined;
  readonly torrentFloorBps?: number | undefined;
  readonly downloadFloorBps?: number | undefined;
  readonly downloadReserve?: Reserve | undefined;
  /** Of each download client. */
  readonly whileStreamingBps?: number | undefined;
  readonly whenIdleBps?: number | undefined;
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

/** The settings while this rule holds. A viewer's own limits, and what is never limited, stay as they are. */
export function withRule(settings: BandwidthSettings, rule: ScheduleRule | null): BandwidthSettings {
  if (rule === null) return settings;
  const { torrents, torrentClients } = settings;
  const clients = Object.entries(torrentClients).map(([name, client]) => [
    name,
    {
      ...client,
      whileStreamingBps: rule.whileStreamingBps ?? client.whileStreamingBps,
      whenIdleBps: rule.whenIdleBps ?? client.whenIdleBps,
    },
  ]);
  return {
    ...settings,
    rule: rule.name,
    capacityUpBps: rule.capacityUpBps ?? settings.capacityUpBps,
    capacityDownBps: rule.capacityDownBps ?? settings.capacityDownBps,
    reserve: rule.reserve ?? settings.reserve,
    maxPerViewerBps: rule.maxPerViewerBps ?? settings.maxPerViewerBps,
    torrentFloorBps: rule.torrentFloorBps ?? settings.torrentFloorBps,
    torrents: {
      ...torrents,
      downloadFloorBps: rule.downloadFloorBps ?? torrents.downloadFloorBps,
      downloadReserve: rule.downloadReserve ?? torrents.downloadReserve,
    },
    torrentClients: Object.fromEntries(clients),
  };
}
