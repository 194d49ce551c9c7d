// The view that answers now, and how another takes its place: all at once, after it was made in turns beside it.
import { compareWith, copyOthers, movesBetween } from './compare-views.ts';
import { atOnce, inTurns } from './in-turns.ts';
import { createViewBuilder, type ItemChange, type ItemView, type ViewBuilder } from './item-view.ts';
import { mappedPath, type PathMap } from './path-maps.ts';
import { changesOf, type IndexChange } from './view-changes.ts';

export type TakeChange = (change: ItemChange) => void;

/** Nobody changes the view while another is prepared: that is the caller's to see to. */
export type HeldView = {
  view(): ItemView;
  /** At once: for few. */
  change(server: string, changes: readonly ItemChange[]): readonly IndexChange[];
  /** What the builder was given, in place of what there is. */
  fill(give: (builder: ViewBuilder) => Promise<void>): Promise<void>;
  /** What a server was found to have, as `found` hands it over each time. Calling what this answers with makes that the view, and says what changed. */
  prepare(server: string, found: (take: TakeChange) => Promise<void>): Promise<() => readonly IndexChange[]>;
};

/** So many changed items are grouped at once; more of them in turns. */
const AT_ONCE = 50;
/** Bytes of items that are no more: then all are put together anew. */
const MOST_WASTED = 8 * 2 ** 20;

export function holdView(pathMaps: readonly PathMap[]): HeldView {
  const newBuilder = () => createViewBuilder((server, path) => mappedPath(server, path, pathMaps));
  let view = atOnce(newBuilder().finish());
  const change = (server: string, changes: readonly ItemChange[]) => atOnce(changesOf(server, view.change(changes)));
  return {
    view: () => view,
    change,
    async fill(give) {
      const builder = newBuilder();
      await give(builder);
      view = await inTurns(builder.finish());
    },
    async prepare(server, found) {
      const comparison = compareWith(view, server, AT_ONCE);
      await found(comparison.take);
      const differing = await inTurns(comparison.result());
      if (differing !== null && view.wastedBytes() < MOST_WASTED) return () => change(server, differing);
      const builder = newBuilder();
      await inTurns(copyOthers(view, server, builder));
      await found(({ itemId, item }) => (item === null ? builder.drop(server, itemId) : builder.put(item)));
      const next = await inTurns(builder.finish());
      const told = await inTurns(changesOf(server, await inTurns(movesBetween(view, next))));
      return () => {
        view = next;
        return told;
      };
    },
  };
}
