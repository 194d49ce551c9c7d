// What a channel may play, out of the catalogue: looked through once for all channels until something changes.
import type { Catalogue } from './catalogue.ts';
import type { Shelf } from './catalogue-files.ts';
import { type CatalogueItem, itemKey } from './catalogue-item.ts';
import type { Channel } from './channel.ts';
import {
  type CatalogueIndex,
  indexCatalogue,
  indexInSteps,
  selectClips,
  selectItems,
  sourceKey,
} from './schedule/select-items.ts';
import { unhurried } from './unhurried.ts';

export type Planned = Pick<Channel, 'selection' | 'rules'>;

/** What must be read before a channel can be planned. */
export function shelvesOf({ selection, rules }: Planned): readonly Shelf[] {
  const clips = rules.filler.kind === 'clips' ? rules.filler.from : [];
  const shelves = [...selection.libraries, ...selection.sources, ...clips].map(({ server, id }) => ({ server, id }));
  return [...new Map(shelves.map((shelf) => [itemKey(shelf), shelf])).values()];
}

export type Playable = { readonly items: readonly CatalogueItem[]; readonly clips: readonly CatalogueItem[] };

export type PlanSource = {
  /** Looks a changed catalogue through, with pauses for streams and requests; without it `playable` does so at once. */
  prepare(): Promise<void>;
  /** From memory; `catalogue.ensure` comes first. Leaves out what a probe could not play. */
  playable(channel: Planned): Playable;
};

/** @param failing keys of items that cannot be played */
export function createPlanSource(catalogue: Catalogue, failing: () => ReadonlySet<string>): PlanSource {
  let known: { readonly all: readonly CatalogueItem[]; readonly index: CatalogueIndex } | null = null;
  const indexed = (): CatalogueIndex => {
    const all = catalogue.all();
    if (known?.all !== all) known = { all, index: indexCatalogue(all) };
    return known.index;
  };
  const choose = ({ selection, rules }: Planned, bad: ReadonlySet<string>): Playable => {
    const good = (items: readonly CatalogueItem[]): readonly CatalogueItem[] =>
      bad.size === 0 ? items : items.filter((item) => !bad.has(itemKey(item)));
    const members = new Map(selection.sources.map((source) => [sourceKey(source), catalogue.members(source)]));
    const clips = rules.filler.kind === 'clips' ? selectClips(catalogue.all(), rules.filler.from) : [];
    return { items: good(selectItems(indexed(), selection, members)), clips: good(clips) };
  };
  /** One work on a channel asks several times. */
  let last: { readonly of: readonly unknown[]; readonly playable: Playable } | null = null;
  return {
    async prepare() {
      const all = catalogue.all();
      if (known?.all === all) return;
      known = { all, index: await unhurried(indexInSteps(all)) };
    },
    playable(channel) {
      const bad = failing();
      const of = [channel.selection, channel.rules, catalogue.all(), bad];
      if (last === null || last.of.some((one, i) => one !== of[i])) last = { of, playable: choose(channel, bad) };
      return last.playable;
    },
  };
}
