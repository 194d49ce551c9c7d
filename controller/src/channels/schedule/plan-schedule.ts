// Pure: the seeded core of the schedule: a channel's items laid end to end around what stands fixed.
import type { CatalogueItem } from '../catalogue-item.ts';
import type { ScheduleEntry } from '../schedule-entry.ts';
import { createFillerSource, type FillerPart, type FillerSource } from './filler.ts';
import { atOnce, type InSteps } from './in-steps.ts';
import type { LineUp } from './line-up.ts';
import { createLines, type Draw } from './lines.ts';
import type { Plan, PlanInput } from './plan-input.ts';
import type { PlanMemory } from './plan-memory.ts';
import { type Calendar, createCalendar, type Stretch } from './stretches.ts';
import { lastsMs } from './walk.ts';
import { createWallClock, type WallClock } from './wall-clock.ts';

export type { Plan, PlanInput };

/** No piece of a long stretch without any programme lasts longer. */
const LONGEST_FILL_MS = 6 * 3_600_000;

/**
 * Each step follows from the rules, the items, the fixed entries, the memory and the moment alone, never from `toMs`: seven days at once are
 * the same as one day seven times, and a preview is what will be saved. A programme is never cut: what does not fit before a fixed entry or
 * the start of a slot or date rule gives way to what does, the longest first, and the rest is filler. A slot's last programme may run over
 * its end unless another fixed start follows. Where a choice has no items the ordinary line-up goes on. `waiting`: only what waits in the
 * memory airs, and filler after it.
 */
export const planSchedule = (input: PlanInput, draw: Draw = 'new'): Plan => atOnce(planInSteps(input, draw));

/** The same with a pause every few ms. */
export function* planInSteps(input: PlanInput, draw: Draw = 'new'): InSteps<Plan> {
  const planner = createPlanner(input, draw);
  yield;
  const entries: ScheduleEntry[] = [];
  let at = wholeSecond(input.fromMs);
  for (let steps = 1; at < input.toMs; steps += 1) {
    const step = planner.step(at);
    entries.push(...step.entries);
    at = step.endMs;
    if (steps % STEPS_AT_ONCE === 0) yield;
  }
  yield;
  return { entries, memory: planner.memory(), throughMs: at };
}

const STEPS_AT_ONCE = 24;

export const wholeSecond = (ms: number): number => Math.ceil(ms / 1000) * 1000;

/** Of a slot that nothing fixed follows: a programme may run over it. */
type SoftEnd = { readonly ms: number; readonly mayWait: boolean };
type Step = { readonly entries: readonly ScheduleEntry[]; readonly endMs: number };

function createPlanner(input: PlanInput, draw: Draw): { step(at: number): Step; memory(): PlanMemory } {
  const { channel, fixed } = input;
  const clock = createWallClock(input.zone);
  const calendar = createCalendar(channel.rules, clock);
  const lines = createLines(input, draw);
  const { kind, padToMinutes } = channel.rules.filler;
  const filler = createFillerSource(kind, input.clips, channel.seed, input.memory?.clips ?? null);
  let nextFixed = 0;

  const softEnd = (stretch: Stretch, at: number): SoftEnd => {
    const ms = stretch.choice ? calendar.endOf(stretch) : Number.POSITIVE_INFINITY;
    return { ms, mayWait: kind !== 'next_show' && !isStart(stretch, at) && ms - at <= LAST_OF_SLOT_MS };
  };

  const step = (at: number): Step => {
    while ((fixed[nextFixed]?.endMs ?? Number.POSITIVE_INFINITY) <= at) nextFixed += 1;
    const ahead = fixed[nextFixed];
    if (ahead && ahead.startMs <= at) return { entries: [], endMs: wholeSecond(ahead.endMs) };
    const stretch = calendar.at(at);
    const limit = Math.min(ahead ? floorSecond(ahead.startMs) : Number.POSITIVE_INFINITY, fixedAfter(calendar, at));
    if (limit <= at) return { entries: [], endMs: at + 1000 };
    const fill = (toMs: number): Step => fillTo(filler, channel.id, at, Math.min(toMs, limit));
    const onBeat = nextBeat(clock, at, padToMinutes);
    if (onBeat > at && !isStart(stretch, at)) return fill(onBeat);
    const line = lines.of(stretch);
    const item = nextItem(line, at, limit, softEnd(stretch, at));
    if (!item) return fill(Math.min(stretch.toMs, at + LONGEST_FILL_MS));
    lines.aired(line, item);
    const entry = programmeOf(channel.id, item, at, isStart(stretch, at));
    return { entries: [entry], endMs: entry.endMs };
  };
  return { step, memory: () => ({ version: 1, ...lines.memory(), clips: filler.memory() }) };
}

/** Whose turn it is, if there is time for it until `limit` and most of it lies before `endMs`, the end of the slot; else what fits better. */
function nextItem(line: LineUp, at: number, limit: number, endMs: SoftEnd): CatalogueItem | null {
  const current = line.current();
  if (!current || at + lastsMs(current) > limit) return line.fitting(Math.min(limit - at, LONGEST_ITEM_MS));
  if (at + lastsMs(current) / 2 <= endMs.ms) return current;
  return line.fitting(endMs.ms - at) ?? (endMs.mayWait ? null : current);
}

/** So near its end a slot is over: filler, rather than another programme that hardly belongs to it. */
const LAST_OF_SLOT_MS = 10 * 60_000;

const LONGEST_ITEM_MS = 24 * 3_600_000;
const floorSecond = (ms: number): number => Math.floor(ms / 1000) * 1000;
const isStart = (stretch: Stretch, at: number): boolean => stretch.fixed && stretch.fromMs === at;
const fixedAfter = (calendar: Calendar, at: number): number => calendar.fixedAfter(at) ?? Number.POSITIVE_INFINITY;

/** The next multiple on the wall; `at` itself where it is one. */
function nextBeat(clock: WallClock, at: number, minutes: number): number {
  if (minutes === 0) return at;
  const over = (at + clock.offsetMs(at)) % (minutes * 60_000);
  return over === 0 ? at : at + minutes * 60_000 - over;
}

function fillTo(filler: FillerSource, channelId: number, at: number, toMs: number): Step {
  return { entries: filler.fill(at, toMs).map((part) => fillerOf(channelId, part)), endMs: toMs };
}

/** Of a row: two of one channel never start together. */
const idOf = (channelId: number, startMs: number): string => `${channelId}-${(startMs / 1000).toString(36)}`;

function programmeOf(channelId: number, item: CatalogueItem, startMs: number, fixed: boolean): ScheduleEntry {
  return {
    id: idOf(channelId, startMs),
    channelId,
    startMs,
    endMs: startMs + lastsMs(item),
    kind: 'programme',
    origin: 'auto',
    title: item.title,
    seriesTitle: item.series?.title ?? null,
    season: item.season,
    episode: item.episode,
    item: { server: item.server, id: item.id, libraryId: item.libraryId },
    fromMs: 0,
    genres: item.genres,
    fixed,
  };
}

/** What a card says is made when it airs. */
function fillerOf(channelId: number, { kind, startMs, endMs, clip }: FillerPart): ScheduleEntry {
  return {
    id: idOf(channelId, startMs),
    channelId,
    startMs,
    endMs,
    kind,
    origin: 'auto',
    title: clip?.title ?? 'Intermission',
    seriesTitle: null,
    season: null,
    episode: null,
    item: clip && { server: clip.server, id: clip.id, libraryId: clip.libraryId },
    fromMs: 0,
    genres: clip?.genres ?? [],
    fixed: false,
  };
}
