// Pure: what stands between two programmes, to the second.
import type { CatalogueItem } from '../catalogue-item.ts';
import type { Filler } from '../channel.ts';
import type { ScheduleEntry } from '../schedule-entry.ts';
import type { BagMemory } from './plan-memory.ts';
import { createBag } from './shuffle-bag.ts';
import { lastsMs } from './walk.ts';

export type FillerPart = {
  readonly kind: Exclude<ScheduleEntry['kind'], 'programme'>;
  readonly startMs: number;
  readonly endMs: number;
  readonly clip: CatalogueItem | null;
};

export type FillerSource = {
  /** From `startMs` to `endMs` without a gap, nothing where there is no time between. */
  fill(startMs: number, endMs: number): readonly FillerPart[];
  memory(): BagMemory | null;
};

/** So many clips one after another are enough; the rest of the gap is a card. */
const MOST_CLIPS = 240;

/**
 * Clips in a seeded order, among those whose turn is near the longest that fits; where none fits the last one is cut. Without clips, and
 * where a gap has to be closed although the rules want none, a card.
 */
export function createFillerSource(
  kind: Filler['kind'],
  clips: readonly CatalogueItem[],
  seed: number,
  memory: BagMemory | null,
): FillerSource {
  const usable = kind === 'clips' ? clips.filter((clip) => lastsMs(clip) > 0) : [];
  const bag = createBag(usable, seed ^ 0x0c11b5, memory);
  const still: FillerPart['kind'] = kind === 'still' ? 'still' : 'card';
  return {
    fill(startMs, endMs) {
      const parts: FillerPart[] = [];
      let at = startMs;
      while (at < endMs && parts.length < MOST_CLIPS) {
        const clip = bag.fitting(Math.min(endMs - at, LONGEST_ASK_MS)) ?? bag.current();
        if (!clip) break;
        bag.aired(clip);
        const end = Math.min(endMs, at + lastsMs(clip));
        parts.push({ kind: 'clip', startMs: at, endMs: end, clip });
        at = end;
      }
      return at < endMs ? [...parts, { kind: still, startMs: at, endMs, clip: null }] : parts;
    },
    memory: () => (usable.length > 0 ? bag.memory() : memory),
  };
}

/** Below the gap from which a bag would rather repeat than pass. */
const LONGEST_ASK_MS = 3_599_000;
