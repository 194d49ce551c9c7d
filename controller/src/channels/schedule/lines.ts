// Pure: all line-ups of one channel: the ordinary one, and one for each choice of a slot or date rule, made when its time comes.
import type { CatalogueItem } from '../catalogue-item.ts';
import type { ChannelRules, Choice } from '../channel.ts';
import { createEpisodeOrder, seriesKey } from './episode-order.ts';
import { createLineUp, type LineUp, type LineUpInput } from './line-up.ts';
import { choiceKey, choiceMatcher } from './matches-choice.ts';
import type { PlanInput } from './plan-input.ts';
import type { LineMemory, PlanMemory } from './plan-memory.ts';
import { hashText } from './seeded-hash.ts';
import type { Stretch } from './stretches.ts';

/** `waiting`: only what waits in the memory. */
export type Draw = LineUpInput['draw'];

export type Lines = {
  /** The ordinary one where the choice has no items. */
  of(stretch: Stretch): LineUp;
  aired(line: LineUp, item: CatalogueItem): void;
  memory(): Pick<PlanMemory, 'series' | 'held' | 'lines'>;
};

/**
 * A line-up that has all of a series shares its place with the ordinary one, so that the order holds over slots too; one that has only some
 * episodes (those on Christmas) keeps a place of its own, or the rest would be passed over.
 */
export function createLines({ channel, items, memory }: Pick<PlanInput, 'channel' | 'items' | 'memory'>, draw: Draw): Lines {
  const order = createEpisodeOrder(memory?.series ?? {}, memory?.held ?? {});
  const make = (key: string, own: readonly CatalogueItem[], marks: LineUpInput['markOf'], main?: LineUp): LineUp =>
    createLineUp({
      items: own,
      rules: channel.rules,
      seed: hashText(key, channel.seed),
      order,
      draw,
      markOf: marks,
      memory: memory?.lines[key] ?? null,
      ...(main && { isUnwelcome: main.isRecent }),
    });
  const ordinary = make('', items, (series) => series);
  const made = new Map<string, LineUp>();
  const makeOf = (key: string, choice: Choice): LineUp => {
    const { own, isPart } = narrow(items, choice);
    return make(key, own, (series) => (isPart(series) ? `${key} ${series}` : series), ordinary);
  };
  return {
    of({ key, choice }) {
      if (!choice) return ordinary;
      const line = made.get(key) ?? makeOf(key, choice);
      made.set(key, line);
      return line.isEmpty ? ordinary : line;
    },
    aired(line, item) {
      line.aired(item);
      if (line !== ordinary) ordinary.noted(item);
    },
    memory() {
      const all: readonly (readonly [string, LineUp])[] = [['', ordinary], ...made];
      const now: readonly (readonly [string, LineMemory])[] = all.map(([key, line]) => [key, line.memory()]);
      const keys = keysOf(channel.rules);
      const old = Object.entries(memory?.lines ?? {}).filter(([key]) => keys.has(key));
      const lines = Object.fromEntries([...old, ...now]);
      return { series: withoutStrangers(order.marks(), items), held: withoutStrangers(order.held(), items), lines };
    },
  };
}

/** What a choice has of `items`, and whether it leaves out episodes of a series. */
export function narrow(
  items: readonly CatalogueItem[],
  choice: Choice,
): { readonly own: readonly CatalogueItem[]; isPart(series: string): boolean } {
  const matches = choiceMatcher(choice);
  const own: CatalogueItem[] = [];
  const parts = new Set<string>();
  let last: CatalogueItem | null = null;
  for (const item of items) {
    if (matches(item)) own.push(item);
    else if (item.series && (last?.series?.id !== item.series.id || last.server !== item.server)) {
      parts.add(seriesKey(item) ?? '');
      last = item;
    }
  }
  return { own, isPart: (series) => parts.has(series) };
}

const keysOf = ({ slots, dates }: ChannelRules): ReadonlySet<string> => {
  const choices = [...slots, ...dates, ...dates.flatMap((rule) => rule.slots)].map(({ choice }) => choice);
  return new Set(['', ...choices.filter((choice) => choice !== null).map(choiceKey)]);
};

/** A series that is away may come back; of too many such, none is remembered. */
const MOST_MARKS = 5_000;

function withoutStrangers<T>(marks: Readonly<Record<string, T>>, items: readonly CatalogueItem[]): Readonly<Record<string, T>> {
  const all = Object.entries(marks);
  if (all.length <= MOST_MARKS) return marks;
  const known = new Set(items.map(seriesKey));
  return Object.fromEntries(all.filter(([series]) => known.has(series)));
}
