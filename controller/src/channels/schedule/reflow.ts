// Pure: a schedule that stands already, laid anew around a change: what was to air still airs, in its order, later or earlier.
import { type CatalogueItem, itemKey } from '../catalogue-item.ts';
import type { ScheduleEntry } from '../schedule-entry.ts';
import { holdBack } from './hold-back.ts';
import { atOnce, type InSteps } from './in-steps.ts';
import { choiceMatcher } from './matches-choice.ts';
import { type Plan, type PlanInput, planInSteps, wholeSecond } from './plan-schedule.ts';
import { type Calendar, createCalendar } from './stretches.ts';
import { lastsMs } from './walk.ts';
import { createWallClock } from './wall-clock.ts';

export type ReflowInput = PlanInput & {
  /** The automatic entries that begin at `fromMs` or later, by start; `memory` is as the planning of the last of them left it. */
  readonly old: readonly ScheduleEntry[];
};

/**
 * After a manual entry came or went, or items or slots changed; entries of items that are no longer given get others. What precedes the first entry that cannot stay is kept as it is; from there
 * the old items follow in their order, as far as they still may air, around the fixed entries, each in the slot or line-up it was in; then
 * new ones. Old items that no longer come before `toMs` wait in the memory. What runs at `fromMs` is not among `old`: its end is `fromMs`.
 */
export const reflow = (input: ReflowInput): Plan => atOnce(reflowInSteps(input));

/** The same with a pause every few ms. */
export function* reflowInSteps(input: ReflowInput): InSteps<Plan> {
  const calendar = calendarOf(input);
  const kept = keepStart(input, calendar);
  yield;
  const fromMs = kept.at(-1)?.endMs ?? input.fromMs;
  const memory = holdBack(input, input.old.slice(kept.length), calendar);
  yield;
  const planned = yield* planInSteps({ ...input, fromMs, memory });
  return { ...planned, entries: [...kept, ...planned.entries] };
}

/**
 * The programme that runs at `fromMs` ends there, up to a whole second (the first entry's start is where); it is not among `old`, and a manual
 * one not among `fixed`. What followed comes at once, up to the next fixed entry: a manual one or the start of a slot or date rule. Filler
 * closes the gap before that, and from there on all stays. Without any fixed entry ahead everything moves.
 */
export const skipCurrent = (input: ReflowInput): Plan => atOnce(skipInSteps(input));

/** The same with a pause every few ms. */
export function* skipInSteps(input: ReflowInput): InSteps<Plan> {
  const fromMs = wholeSecond(input.fromMs);
  const coming = input.old.filter(({ startMs }) => startMs >= fromMs);
  const starts = [...input.fixed, ...coming.filter(({ fixed }) => fixed)].map(({ startMs }) => startMs);
  const anchorMs = Math.min(...starts.filter((startMs) => startMs >= fromMs));
  const stays = coming.filter(({ startMs }) => startMs >= anchorMs);
  const moved = coming.slice(0, coming.length - stays.length);
  const calendar = calendarOf(input);
  const memory = holdBack(input, moved, calendar);
  yield;
  if (stays.length === 0) return yield* planInSteps({ ...input, fromMs, memory });
  const closed = yield* planInSteps(
    { ...input, fromMs, memory, fixed: byStart([...input.fixed, ...stays]), toMs: anchorMs },
    'waiting',
  );
  return {
    ...closed,
    entries: [...closed.entries, ...stays],
    throughMs: Math.max(closed.throughMs, stays.at(-1)?.endMs ?? fromMs),
  };
}

const calendarOf = ({ channel, zone }: PlanInput): Calendar => createCalendar(channel.rules, createWallClock(zone));
const byStart = (entries: readonly ScheduleEntry[]): readonly ScheduleEntry[] =>
  [...entries].sort((a, b) => a.startMs - b.startMs);

/** The old entries, one at the end of the other, until one cannot stay; filler just before that is made anew too. */
function keepStart(input: ReflowInput, calendar: Calendar): readonly ScheduleEntry[] {
  const mayStay = stayChecker(input, calendar);
  let [at, nextFixed, kept] = [wholeSecond(input.fromMs), 0, 0];
  for (const entry of input.old) {
    for (let ahead = input.fixed[nextFixed]; ahead && ahead.startMs <= at; ahead = input.fixed[nextFixed]) {
      at = Math.max(at, wholeSecond(ahead.endMs));
      nextFixed += 1;
    }
    const limit = input.fixed[nextFixed]?.startMs ?? Number.POSITIVE_INFINITY;
    if (entry.startMs !== at || entry.endMs > limit || !mayStay(entry)) break;
    at = entry.endMs;
    kept += 1;
  }
  if (kept === input.old.length) return input.old;
  while (kept > 0 && input.old[kept - 1]?.kind !== 'programme') kept -= 1;
  return input.old.slice(0, kept);
}

/** Its item is there as long as before, belongs where it stands, and no fixed start lies within. */
function stayChecker(input: ReflowInput, calendar: Calendar): (entry: ScheduleEntry) => boolean {
  const items = new Map([...input.clips, ...input.items].map((item) => [itemKey(item), item]));
  const isWanted = new Map<string, (item: CatalogueItem) => boolean>();
  return ({ kind, item: named, startMs, endMs }) => {
    if (endMs > (calendar.fixedAfter(startMs) ?? Number.POSITIVE_INFINITY)) return false;
    if (!named) return true;
    const item = items.get(itemKey(named));
    if (!item || kind !== 'programme') return item !== undefined;
    const { key, choice } = calendar.at(startMs);
    if (endMs - startMs !== lastsMs(item) || !choice) return endMs - startMs === lastsMs(item);
    const matches = isWanted.get(key) ?? orAll(choiceMatcher(choice), input.items);
    isWanted.set(key, matches);
    return matches(item);
  };
}

const orAll = (matches: (item: CatalogueItem) => boolean, items: readonly CatalogueItem[]): ((item: CatalogueItem) => boolean) =>
  items.some(matches) ? matches : () => true;
