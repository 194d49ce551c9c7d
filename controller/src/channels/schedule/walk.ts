// What a line-up is made of: somebody who knows whose turn it is. Pure.
import type { CatalogueItem } from '../catalogue-item.ts';

export type Walk = {
  /** Whose turn it is; null where there is nothing to air. Moves nothing. */
  current(): CatalogueItem | null;
  /** The longest of at most `mostMs` that may air out of turn without harm to any order; null for none. Moves nothing. */
  fitting(mostMs: number): CatalogueItem | null;
  /** It airs: go on from there. */
  aired(item: CatalogueItem): void;
};

/** How many are looked at for one that fits. */
export const LOOK_AHEAD = 64;

/** Whole seconds, rounded up: the stream fills the rest of the last second. */
export const lastsMs = ({ durationMs }: Pick<CatalogueItem, 'durationMs'>): number => Math.ceil(durationMs / 1000) * 1000;
