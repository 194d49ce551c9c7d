// What items are called now that had these names: where a run ended before that was told, or other path maps were configured since. All items are looked at, with pauses.
import { setImmediate as turn } from 'node:timers/promises';
import type { IndexedItem } from './indexed-item.ts';
import { bareName, keysOf } from './item-keys.ts';
import type { ItemView } from './item-view.ts';
import { mappedPath, type PathMap } from './path-maps.ts';
import type { Rename } from './view-changes.ts';

/** Items that are looked at in one go. */
const A_STEP = 500;

/** Of each name that no item has any more, and some item could have had: what most of those are called now. @param maps by which items were ever called, the present ones too */
export async function calledBefore(
  view: () => ItemView,
  names: Iterable<string>,
  maps: readonly (readonly PathMap[])[],
): Promise<readonly Rename[]> {
  const lost = new Set([...names].filter((name) => view().named(name).length === 0));
  const flows = new Map<string, Map<string, number>>();
  if (lost.size === 0) return [];
  let looked = 0;
  for (const { server, itemId, name } of view().places()) {
    looked += 1;
    if (looked % A_STEP === 0) await turn();
    const item = name === null ? null : view().get(server, itemId);
    if (name === null || item === null) continue;
    for (const before of namesOf(view(), item, maps)) {
      if (!lost.has(before)) continue;
      const flow = flows.get(before) ?? new Map<string, number>();
      flows.set(before, flow.set(name, (flow.get(name) ?? 0) + 1));
    }
  }
  const inOrder = [...flows].sort(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.flatMap(([from, flow]) => {
    const [most] = [...flow].sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1));
    return most === undefined ? [] : [{ from, to: most[0] }];
  });
}

/** All that it could be called. */
function namesOf(view: ItemView, item: IndexedItem, maps: readonly (readonly PathMap[])[]): ReadonlySet<string> {
  const series = item.series === null ? null : view.get(item.server, item.series.id);
  const seriesIds = series?.kind === 'series' ? series.ids : '';
  const { server, path } = item;
  const paths = path === null ? [null] : maps.map((some) => mappedPath(server, path, some));
  return new Set([bareName(item), ...paths.flatMap((one) => keysOf(item, seriesIds, one).map(({ text }) => text))]);
}
