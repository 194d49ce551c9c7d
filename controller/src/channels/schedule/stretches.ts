// Pure: which choice plays when: weekly slots and date rules laid on the calendar.
import type { ChannelRules, Choice, DateRule, Slot } from '../channel.ts';
import { choiceKey } from './matches-choice.ts';
import { dateOf, minutesOf, type WallClock, weekdayOf } from './wall-clock.ts';

export type Stretch = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Null is the ordinary line-up. */
  readonly choice: Choice | null;
  /** Of its line-up; `` is the ordinary one. */
  readonly key: string;
  /** It begins at this minute whatever was on before; else whatever was on may end first. */
  readonly fixed: boolean;
};

export type Calendar = {
  at(ms: number): Stretch;
  /** When a stretch is truly over: what goes on past midnight is one. */
  endOf(stretch: Stretch): number;
  /** The next start after `ms` that nothing may run into; null where there is none for two days. */
  fixedAfter(ms: number): number | null;
};

/**
 * Slots belong to the day they start on and win in the order of the list, a date rule's before the ordinary ones. On the days of the first
 * rule that fits: its choice and its slots alone, or (where it has no choice) the ordinary days with its slots in front. An ordinary slot
 * over midnight ends there where a rule's choice begins; a rule's own slot may reach into the day after.
 */
export function createCalendar(rules: Pick<ChannelRules, 'slots' | 'dates'>, clock: WallClock): Calendar {
  const days = new Map<number, readonly Stretch[]>();
  const ofDay = (day: number): readonly Stretch[] => {
    const known = days.get(day);
    if (known) return known;
    const laid = layDay(rules, clock, day);
    days.set(day, laid);
    return laid;
  };
  const at = (ms: number): Stretch =>
    ofDay(clock.dayAt(ms)).find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs) ?? { ...EVER, fromMs: ms, toMs: ms + 60_000 };
  const open = rules.slots.length === 0 && rules.dates.length === 0;
  return {
    at: (ms) => (open ? EVER : at(ms)),
    endOf(stretch) {
      let end = stretch;
      for (
        let next = at(end.toMs);
        next.key === stretch.key && !next.fixed && next.toMs < stretch.fromMs + LONG_MS;
        next = at(end.toMs)
      ) {
        end = next;
      }
      return end.toMs;
    },
    fixedAfter(ms) {
      if (open) return null;
      const today = clock.dayAt(ms);
      for (let day = today; day <= today + 2; day += 1) {
        const next = ofDay(day).find(({ fromMs, fixed }) => fixed && fromMs > ms);
        if (next) return next.fromMs;
      }
      return null;
    },
  };
}

/** Further ahead nobody needs to know. */
const LONG_MS = 3 * 24 * 3_600_000;

const EVER: Stretch = {
  fromMs: Number.NEGATIVE_INFINITY,
  toMs: Number.POSITIVE_INFINITY,
  choice: null,
  key: '',
  fixed: false,
};

/** A slot on one day. */
type Laid = { readonly fromMs: number; readonly toMs: number; readonly choice: Choice; readonly isFirst: boolean };

function layDay(rules: Pick<ChannelRules, 'slots' | 'dates'>, clock: WallClock, day: number): readonly Stretch[] {
  const [midnight, nextMidnight] = [clock.at(day, 0), clock.at(day + 1, 0)];
  const rule = ruleOf(rules.dates, day);
  const ruleBefore = ruleOf(rules.dates, day - 1);
  const ordinary = (slot: Slot): readonly Laid[] => [
    ...(rule?.choice ? [] : layOn(slot, clock, day)),
    ...(rule?.choice || ruleBefore?.choice ? [] : layOn(slot, clock, day - 1)),
  ];
  const ofRule = (slots: readonly Slot[] | undefined, on: number): readonly Laid[] =>
    (slots ?? []).flatMap((slot) => layOn(slot, clock, on));
  // Yesterday's rule comes last among the rules: what is on today is asked first.
  const laid = [...ofRule(rule?.slots, day), ...ofRule(ruleBefore?.slots, day - 1), ...rules.slots.flatMap(ordinary)];
  const base = rule?.choice ?? null;
  const beginsAtMidnight = rule !== null && base !== null && rule !== ruleBefore;
  const edges = [midnight, nextMidnight, ...laid.flatMap(({ fromMs, toMs }) => [fromMs, toMs])];
  const inside = [...new Set(edges)].filter((ms) => ms >= midnight && ms <= nextMidnight).sort((a, b) => a - b);
  return inside.slice(0, -1).map((fromMs, i) => {
    const toMs = inside[i + 1] ?? nextMidnight;
    const slot = laid.find((one) => one.fromMs <= fromMs && toMs <= one.toMs);
    const choice = slot?.choice ?? base;
    const fixed = slot ? slot.isFirst && slot.fromMs === fromMs : beginsAtMidnight && fromMs === midnight;
    return { fromMs, toMs, choice, key: choice ? choiceKey(choice) : '', fixed };
  });
}

/** A slot that goes on where the day before's ended has no start of its own. */
function layOn(slot: Slot, clock: WallClock, day: number): readonly Laid[] {
  const [start, end] = [minutesOf(slot.start), minutesOf(slot.end)];
  if (start === null || end === null || !isOn(slot, day)) return [];
  const [fromMs, toMs] = [clock.at(day, start), end > start ? clock.at(day, end) : clock.at(day + 1, end)];
  const isFirst = !(start === end && isOn(slot, day - 1));
  return fromMs < toMs ? [{ fromMs, toMs, choice: slot.choice, isFirst }] : [];
}

const isOn = ({ days }: Slot, day: number): boolean => days.length === 0 || days.includes(weekdayOf(day));

const ruleOf = (rules: readonly DateRule[], day: number): DateRule | null => {
  const date = dateOf(day);
  return rules.find((rule) => isWithin(rule, date)) ?? null;
};

/** `2026-12-24` is once, `12-24` each year. */
function isWithin({ from, to }: DateRule, date: string): boolean {
  const [first, last] = from.length > 5 ? [from, to.length > 5 ? to : `${from.slice(0, 5)}${to}`] : [from, to.slice(-5)];
  const own = from.length > 5 ? date : date.slice(5);
  if (first <= last) return first <= own && own <= last;
  return from.length <= 5 && (own >= first || own <= last);
}
