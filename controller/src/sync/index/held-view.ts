// The view that answers now, and how another takes its place: all at once, after it was made in turns beside it.
import { differences, itemsWith, movesBetween } from './compare-views.ts';
import { atOnce, inTurns } from './in-turns.ts';
import type { IndexedItem } from './indexed-item.ts';
import { buildView, type ItemChange, type ItemView } from './item-view.ts';
import { mappedPath, type PathMap } from './path-maps.ts';
import { changesOf, type IndexChange } from './view-changes.ts';

/** Nobody changes the view while another is prepared: that is the caller's to see to. */
export type HeldView = {
  view(): ItemView;
  /** At once: for few. */
  change(server: string, changes: readonly ItemChange[]): readonly IndexChange[];
  /** All items of all servers, in place of what there is. */
  fill(items: Iterable<IndexedItem>): Promise<void>;
  /** What a server was found to have. Calling what it answers with makes that the view, and says what changed. */
  prepare(server: string, found: ReadonlyMap<string, IndexedItem>): Promise<() => readonly IndexChange[]>;
};

/** So many changed items are grouped at once; more of them in turns. */
const AT_ONCE = 50;

export function holdView(pathMaps: readonly PathMap[]): HeldView {
  const pathOf = (server: string, path: string): string => mappedPath(server, path, pathMaps);
  let view = atOnce(buildView([], pathOf));
  const change = (server: string, changes: readonly ItemChange[]) => atOnce(changesOf(server, view.change(changes)));
  return {
    view: () => view,
    change,
    async fill(items) {
      view = await inTurns(buildView(items, pathOf));
    },
    async prepare(server, found) {
      const differing = await inTurns(differences(view, server, found, AT_ONCE));
      if (differing !== null) return () => change(server, differing);
      const next = await inTurns(buildView(itemsWith(view, server, found), pathOf));
      const told = await inTurns(changesOf(server, await inTurns(movesBetween(view, next))));
      return () => {
        view = next;
        return told;
      };
    },
  };
}
