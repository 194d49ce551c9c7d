// Pure: what follows what on a channel, or in one slot of it: films and series mixed.
import { type CatalogueItem, itemKey } from '../catalogue-item.ts';
import type { ChannelRules } from '../channel.ts';
import { type EpisodeOrder, seriesKey } from './episode-order.ts';
import { createFilmWalk } from './film-walk.ts';
import type { LineMemory, Waiting } from './plan-memory.ts';
import { createSeriesWalk } from './series-walk.ts';
import { type Bag, createBag } from './shuffle-bag.ts';
import { LOOK_AHEAD, lastsMs, type Walk } from './walk.ts';

export type LineUp = Walk & {
  readonly isEmpty: boolean;
  /** Aired lately, of the shuffled ones. */
  isRecent(item: CatalogueItem): boolean;
  /** It aired in a slot: here it counts as aired too. */
  noted(item: CatalogueItem): void;
  memory(): LineMemory;
};

export type LineUpInput = {
  readonly items: readonly CatalogueItem[];
  readonly rules: Pick<ChannelRules, 'series' | 'block' | 'films'>;
  readonly seed: number;
  readonly order: EpisodeOrder;
  /** Under which name the order keeps a series' place: its own, or one of this line-up alone. */
  markOf(series: string): string;
  /** `waiting`: nothing but what waits in the memory. */
  readonly draw: 'new' | 'waiting';
  readonly memory: LineMemory | null;
  readonly isUnwelcome?: (item: CatalogueItem) => boolean;
};

/** How far one kind may run ahead of the other. */
const MOST_OWED_MS = 24 * 3_600_000;

/**
 * Films and other single items on one side, episodes on the other: each side gets its share of the whole running time, so every item's
 * chance is alike; whichever is owed more comes next, and a block of episodes is not broken.
 */
export function createLineUp(input: LineUpInput): LineUp {
  const { memory } = input;
  const isClosed = input.draw === 'waiting';
  const { singles, episodes, share } = divide(input.items);
  const films = walkFilms(input, singles);
  const series = walkSeries(input, episodes);
  const queue = createQueue(input, episodes);
  let owedMs = memory?.owedMs ?? 0;

  const sideOf = (item: CatalogueItem): Walk => (seriesKey(item) === null ? films.walk : series.walk);
  const isFilmsTurn = (): boolean =>
    share > 0 && !series.isInBlock() && (share === 1 || owedMs > 0 || (owedMs === 0 && share >= 0.5));
  return {
    isEmpty: input.items.length === 0,
    current() {
      const first = queue.current();
      if (first || isClosed) return first;
      return isFilmsTurn() ? films.walk.current() : series.walk.current();
    },
    fitting(mostMs) {
      if (isClosed || !queue.isEmpty()) return queue.fitting(mostMs);
      const turn = isFilmsTurn() ? films.walk : series.walk;
      return turn.fitting(mostMs) ?? (turn === films.walk ? series.walk : films.walk).fitting(mostMs);
    },
    aired(item) {
      const isSingle = seriesKey(item) === null;
      const waited = queue.took(item);
      if (waited) {
        if ('series' in waited) input.order.aired(input.markOf(waited.series), item);
        return;
      }
      sideOf(item).aired(item);
      const owed = owedMs + share * lastsMs(item) - (isSingle ? lastsMs(item) : 0);
      owedMs = Math.round(Math.min(MOST_OWED_MS, Math.max(-MOST_OWED_MS, owed)));
    },
    isRecent: (item) => (seriesKey(item) === null ? films : series).isRecent(item),
    noted: (item) => (seriesKey(item) === null ? films : series).noted(item),
    memory: () => ({ ...series.memory(), ...films.memory(), owedMs, waiting: queue.memory() }),
  };
}

/** The share of films is of the running time. */
function divide(items: readonly CatalogueItem[]) {
  const singles: CatalogueItem[] = [];
  const episodes = new Map<string, CatalogueItem[]>();
  let [singleMs, allMs] = [0, 0];
  // Episodes of one series mostly stand together: its key is made once.
  let [run, last]: [CatalogueItem[], CatalogueItem | null] = [[], null];
  for (const item of items) {
    allMs += item.durationMs;
    if (!item.series) {
      singleMs += item.durationMs;
      singles.push(item);
      continue;
    }
    if (!last || last.series?.id !== item.series.id || last.server !== item.server) {
      const key = seriesKey(item) ?? '';
      run = episodes.get(key) ?? [];
      episodes.set(key, run);
      last = item;
    }
    run.push(item);
  }
  const share = episodes.size === 0 ? 1 : singleMs / Math.max(1, allMs);
  return { singles, episodes, share: singles.length === 0 ? 0 : share };
}

type Side = {
  readonly walk: Walk;
  isRecent(item: CatalogueItem): boolean;
  noted(item: CatalogueItem): void;
};

const ofBag = (bag: Bag): Side => ({ walk: bag, isRecent: bag.isRecent, noted: bag.aired });
const never = (): boolean => false;
const nothing = (): void => undefined;

function walkFilms(input: LineUpInput, films: readonly CatalogueItem[]): Side & { memory(): Pick<LineMemory, 'films' | 'film'> } {
  const old = { films: input.memory?.films ?? null, film: input.memory?.film ?? null };
  if (input.rules.films === 'shuffled') {
    const bag = createBag(films, input.seed, old.films, input.isUnwelcome);
    return { ...ofBag(bag), memory: () => ({ ...old, films: films.length > 0 ? bag.memory() : old.films }) };
  }
  const walk = createFilmWalk(films, input.rules.films, old.film);
  return { walk, isRecent: never, noted: nothing, memory: () => ({ ...old, film: walk.memory() }) };
}

function walkSeries(
  input: LineUpInput,
  episodes: ReadonlyMap<string, readonly CatalogueItem[]>,
): Side & { isInBlock(): boolean; memory(): Pick<LineMemory, 'turn' | 'left' | 'episodes'> } {
  const { seed, order, markOf, rules } = input;
  const { turn, left, episodes: old } = input.memory ?? { turn: null, left: 0, episodes: null };
  if (rules.series === 'shuffled') {
    const all = [...episodes.values()].flat();
    const bag = createBag(all, seed ^ 0x5e71e5, old, input.isUnwelcome);
    return { ...ofBag(bag), isInBlock: never, memory: () => ({ turn, left, episodes: all.length > 0 ? bag.memory() : old }) };
  }
  const walk = createSeriesWalk({ episodes, seed, block: rules.block, order, markOf, memory: { turn, left } });
  const { isInBlock } = walk;
  return { walk, isInBlock, isRecent: never, noted: nothing, memory: () => ({ ...walk.memory(), episodes: old }) };
}

/** What a re-flow left over: it goes first, in its order; a series' episodes among it in the channel's order of that series. */
function createQueue({ items, order, markOf, memory }: LineUpInput, episodes: ReadonlyMap<string, readonly CatalogueItem[]>) {
  const waiting: Waiting[] = [...(memory?.waiting ?? [])];
  const byKey = waiting.length > 0 ? new Map(items.map((item) => [itemKey(item), item])) : new Map<string, CatalogueItem>();
  const itemOf = (one: Waiting | undefined): CatalogueItem | null => {
    if (!one) return null;
    if ('item' in one) return byKey.get(one.item) ?? null;
    const own = episodes.get(one.series);
    return own ? order.next(markOf(one.series), own) : null;
  };
  const isSame = (one: Waiting, item: CatalogueItem): boolean =>
    'item' in one ? one.item === itemKey(item) : one.series === seriesKey(item);
  const dropGone = (): void => {
    while (waiting.length > 0 && itemOf(waiting[0]) === null) waiting.shift();
  };
  return {
    isEmpty: (): boolean => {
      dropGone();
      return waiting.length === 0;
    },
    current: (): CatalogueItem | null => {
      dropGone();
      return itemOf(waiting[0]);
    },
    fitting(mostMs: number): CatalogueItem | null {
      const candidates = waiting.slice(0, LOOK_AHEAD).map(itemOf);
      const fits = candidates.filter((item) => item !== null).filter((item) => lastsMs(item) <= mostMs);
      return fits.reduce<CatalogueItem | null>((best, item) => (best && lastsMs(best) >= lastsMs(item) ? best : item), null);
    },
    /** As what it waited; undefined where it did not. */
    took(item: CatalogueItem): Waiting | undefined {
      const at = waiting.findIndex((one) => isSame(one, item));
      return at === -1 ? undefined : waiting.splice(at, 1)[0];
    },
    memory: (): readonly Waiting[] => [...waiting],
  };
}
