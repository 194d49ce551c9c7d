// Pure: entries taken out of a schedule, put back into the memory of its line-ups.
import { type CatalogueItem, itemKey } from '../catalogue-item.ts';
import type { ScheduleEntry } from '../schedule-entry.ts';
import { seriesKey } from './episode-order.ts';
import { narrow } from './lines.ts';
import type { PlanInput } from './plan-input.ts';
import type { BagMemory, LineMemory, PlanMemory, Waiting } from './plan-memory.ts';
import { hashText } from './seeded-hash.ts';
import type { Calendar, Stretch } from './stretches.ts';

/** The programmes of `entries` that still may air come next, in their order, each in the line-up of the time it stood at. */
export function holdBack(input: PlanInput, entries: readonly ScheduleEntry[], calendar: Calendar): PlanMemory {
  const old = input.memory ?? NO_MEMORY;
  const byKey = byKeyOf(
    entries.flatMap(({ item }) => (item ? [itemKey(item)] : [])),
    input.items,
  );
  const lineOf = lineFinder(input.items);
  const held = new Map<string, string[]>();
  const waiting = new Map<string, Waiting[]>();
  for (const entry of entries) {
    const item = entry.kind === 'programme' && entry.item ? byKey.get(itemKey(entry.item)) : undefined;
    if (!item) continue;
    const { key, isPart } = lineOf(calendar.at(entry.startMs));
    const series = input.channel.rules.series === 'in_order' ? seriesKey(item) : null;
    const asSeries = series !== null && !isPart(series);
    if (asSeries) push(held, series, itemKey(item));
    push(waiting, key, asSeries ? { series } : { item: itemKey(item) });
  }
  const lines = [...waiting].map(([key, first]): [string, LineMemory] => {
    const line = old.lines[key] ?? NEW_LINE;
    return [key, { ...line, waiting: [...first, ...line.waiting] }];
  });
  const behind = [...held].map(([series, keys]): [string, readonly string[]] => [series, [...keys, ...(old.held[series] ?? [])]]);
  return {
    ...old,
    held: { ...old.held, ...Object.fromEntries(behind) },
    lines: { ...old.lines, ...Object.fromEntries(lines) },
  };
}

/**
 * The memory as it was before `entries` (the automatic ones to be planned anew, by start) and whatever waited behind them: for a channel whose
 * items or rules were changed. Each series goes on with the first of them, each film of them has not aired.
 */
export function rewind(memory: PlanMemory, entries: readonly ScheduleEntry[], items: readonly CatalogueItem[]): PlanMemory {
  const keys = entries.flatMap(({ kind, item }) => (kind === 'programme' && item ? [itemKey(item)] : []));
  const behind = Object.values(memory.lines).flatMap(({ waiting }) =>
    waiting.flatMap((one) => ('item' in one ? [one.item] : [])),
  );
  const heldBack = Object.values(memory.held).flat();
  const byKey = byKeyOf([...keys, ...heldBack], items);
  const planned = [...keys, ...heldBack].map((key) => byKey.get(key)).filter((item) => item !== undefined);
  const unaired = new Set([...keys, ...behind, ...heldBack].map((key) => hashText(key)));
  const series = { ...memory.series };
  for (const item of planned.toReversed()) {
    const key = seriesKey(item);
    const { season, episode, id } = item;
    if (key !== null) series[key] = { season, episode, id, include: true };
  }
  const firstFilm = planned.find((item) => seriesKey(item) === null);
  const lines = Object.entries(memory.lines).map(([key, line]): [string, LineMemory] => [
    key,
    {
      ...line,
      // Without an id it stands just before the film itself.
      film: line.film && firstFilm ? { year: firstFilm.year, title: firstFilm.title, id: '' } : line.film,
      films: withoutPlays(line.films, unaired),
      episodes: withoutPlays(line.episodes, unaired),
      waiting: [],
    },
  ]);
  return { ...memory, series, held: {}, lines: Object.fromEntries(lines) };
}

/** Of the wanted ones alone. Ids are compared first: items are many, and making a key of each would hold up others. */
export function byKeyOf(keys: readonly string[], items: readonly CatalogueItem[]): ReadonlyMap<string, CatalogueItem> {
  const ids = new Set(keys.map((key) => key.slice(key.indexOf('/') + 1)));
  const found = new Map<string, CatalogueItem>();
  for (const item of items) if (ids.has(item.id)) found.set(itemKey(item), item);
  return found;
}

const NO_MEMORY: PlanMemory = { version: 1, series: {}, held: {}, lines: {}, clips: null };
const NEW_LINE: LineMemory = { turn: null, left: 0, owedMs: 0, films: null, episodes: null, film: null, waiting: [] };

const withoutPlays = (bag: BagMemory | null, unaired: ReadonlySet<number>): BagMemory | null =>
  bag && {
    ...bag,
    played: bag.played.filter((hash) => !unaired.has(hash)),
    last: bag.last.filter((hash) => !unaired.has(hash)),
  };

type Line = { readonly key: string; isPart(series: string): boolean };
const ORDINARY: Line = { key: '', isPart: () => false };

/** As the planner has it: a choice without any item is the ordinary line-up. */
function lineFinder(items: readonly CatalogueItem[]): (stretch: Stretch) => Line {
  const known = new Map<string, Line>();
  return ({ key, choice }) => {
    if (!choice) return ORDINARY;
    const old = known.get(key);
    if (old) return old;
    const { own, isPart } = narrow(items, choice);
    const line = own.length > 0 ? { key, isPart } : ORDINARY;
    known.set(key, line);
    return line;
  };
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
