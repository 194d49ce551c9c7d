// Pure: several series by turns, a block of episodes each, every series in its own order.
import type { CatalogueItem } from '../catalogue-item.ts';
import { type EpisodeOrder, seriesKey } from './episode-order.ts';
import type { LineMemory } from './plan-memory.ts';
import { hashText } from './seeded-hash.ts';
import { LOOK_AHEAD, lastsMs, type Walk } from './walk.ts';

export type SeriesWalk = Walk & {
  /** A block has begun and goes on. */
  isInBlock(): boolean;
  memory(): Pick<LineMemory, 'turn' | 'left'>;
};

export type SeriesWalkInput = {
  readonly episodes: ReadonlyMap<string, readonly CatalogueItem[]>;
  readonly seed: number;
  readonly block: number;
  readonly order: EpisodeOrder;
  /** Under which name the order keeps a series' place. */
  markOf(series: string): string;
  readonly memory: Pick<LineMemory, 'turn' | 'left'> | null;
};

/** Whose turn it is goes by a seeded rank, not by place: series may come and go. */
export function createSeriesWalk({ episodes, seed, block, order, markOf, memory }: SeriesWalkInput): SeriesWalk {
  const ring = [...episodes.keys()]
    .map((key) => ({ key, rank: hashText(key, seed) }))
    .sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1));
  let turn = memory?.turn ?? null;
  let left = memory?.left ?? 0;

  const own = (): number => (turn === null ? -1 : ring.findIndex(({ rank }) => rank === turn));
  /** Place in the ring. */
  const whose = (): number => {
    const at = own();
    if (at !== -1 && left > 0) return at;
    if (turn === null) return 0;
    const last = turn;
    const next = at !== -1 ? at + 1 : ring.findIndex(({ rank }) => rank > last);
    return next === -1 || next >= ring.length ? 0 : next;
  };
  const nextOf = (place: number): CatalogueItem | null => {
    const series = ring[place % ring.length];
    return series ? order.next(markOf(series.key), episodes.get(series.key) ?? []) : null;
  };
  return {
    current: () => (ring.length === 0 ? null : nextOf(whose())),
    fitting(mostMs) {
      let best: CatalogueItem | null = null;
      const first = whose();
      for (let i = 0; i < Math.min(ring.length, LOOK_AHEAD); i += 1) {
        const item = nextOf(first + i);
        if (item && lastsMs(item) <= mostMs && (!best || lastsMs(item) > lastsMs(best))) best = item;
      }
      return best;
    },
    aired(item) {
      const key = seriesKey(item);
      const series = ring[whose()];
      if (key === null || !series) return;
      order.aired(markOf(key), item);
      // Out of turn, to fill a gap: the others keep theirs.
      if (series.key !== key) return;
      left = turn === series.rank && left > 0 ? left - 1 : Math.max(1, Math.floor(block)) - 1;
      turn = series.rank;
    },
    isInBlock: () => left > 0 && own() !== -1,
    memory: () => ({ turn, left }),
  };
}
