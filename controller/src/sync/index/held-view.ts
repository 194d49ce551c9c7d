// The view that answers now, and how another takes its place: all at once, after it was made in turns beside it.
import { compareWith, copyOthers, movesBetween } from './compare-views.ts';
import { atOnce, inTurns } from './in-turns.ts';
import { createViewBuilder, type ItemChange, type ItemView, type ViewBuilder } from './item-view.ts';
import { mappedPath, type PathMap } from './path-maps.ts';
import { changesOf, type IndexChange } from './view-changes.ts';

export type TakeChange = (change: ItemChange) => void;

/** Makes what was prepared the view, and says what changed. */
export type Enter = () => readonly IndexChange[];

/** Nobody changes the view while another is prepared: that is the caller's to see to. */
export type HeldView = {
  view(): ItemView;
  /** What the builder was given, in place of what there is. */
  fill(give: (builder: ViewBuilder) => Promise<void>): Promise<void>;
  one(change: ItemChange): Promise<Enter>;
  /** All that a server was found to have, as `found` hands it over each time. */
  whole(server: string, found: (take: TakeChange) => Promise<void>): Promise<Enter>;
};

/** So many items are grouped at once; more of them in turns. */
const AT_ONCE = 200;
/** Bytes of items that are no more: then all are put together anew. */
const MOST_WASTED = 8 * 2 ** 20;

export function holdView(pathMaps: readonly PathMap[]): HeldView {
  const newBuilder = () => createViewBuilder((server, path) => mappedPath(server, path, pathMaps));
  let view = atOnce(newBuilder().finish());
  const atOnceOf = (server: string, changes: readonly ItemChange[]): Enter | null =>
    view.weight(changes) > AT_ONCE ? null : () => atOnce(changesOf(server, view.change(changes)));
  const anew = async (server: string, give: (builder: ViewBuilder) => Promise<void>): Promise<Enter> => {
    const builder = newBuilder();
    await give(builder);
    const next = await inTurns(builder.finish());
    const told = await inTurns(changesOf(server, await inTurns(movesBetween(view, next))));
    return () => {
      view = next;
      return told;
    };
  };
  return {
    view: () => view,
    async fill(give) {
      const builder = newBuilder();
      await give(builder);
      view = await inTurns(builder.finish());
    },
    async one(change) {
      const copyAll = (builder: ViewBuilder) => inTurns(copyOthers(view, null, builder)).then(() => taker(builder)(change));
      return atOnceOf(change.server, [change]) ?? (await anew(change.server, copyAll));
    },
    async whole(server, found) {
      const comparison = compareWith(view, server, AT_ONCE);
      await found(comparison.take);
      const differing = await inTurns(comparison.result());
      const enter = differing === null || view.wastedBytes() > MOST_WASTED ? null : atOnceOf(server, differing);
      if (enter !== null) return enter;
      return await anew(server, async (builder) => {
        await inTurns(copyOthers(view, server, builder));
        await found(taker(builder));
      });
    },
  };
}

/** Puts and drops as it is told. */
export const taker =
  (builder: ViewBuilder): TakeChange =>
  ({ server, itemId, item }) =>
    item === null ? builder.drop(server, itemId) : builder.put(item);
