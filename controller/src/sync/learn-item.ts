// Which item an id of a server is, and what people call it: from the index, else by one question to that server.
import type { SyncedItem, SyncedServer } from '../neighbours/synced-server.ts';
import { createFindItem } from './index/find-item.ts';
import type { ItemIndex } from './index/item-index.ts';
import { mappedPath, type PathMap } from './index/path-maps.ts';

export type LearntItem = {
  readonly identity: string;
  /** For people. */
  readonly name: string;
  /** After path maps. */
  readonly path: string | null;
};

export type LearnItem = (server: string, itemId: string, signal: AbortSignal) => Promise<LearntItem | null>;

type Deps = {
  readonly index: Pick<ItemIndex, 'identityOf' | 'item' | 'isMissing' | 'learn' | 'forget'>;
  readonly server: (name: string) => SyncedServer | null;
  readonly pathMaps: readonly PathMap[];
};

/** Null: it is gone, or none that is kept the same. @throws ControllerError upstream_…, timeout */
export function createLearnItem({ index, server: serverOf, pathMaps }: Deps): LearnItem {
  const find = createFindItem(index);
  return async (name, itemId, signal) => {
    const server = serverOf(name);
    const identity = server === null ? null : await find(server, itemId, signal);
    const item = index.item(name, itemId);
    if (identity === null || item === null) return null;
    return { identity, name: nameOf(item), path: item.path === null ? null : mappedPath(name, item.path, pathMaps) };
  };
}

/** `Series S01E02 Title` of an episode. */
export function nameOf({ name, series }: Pick<SyncedItem, 'name' | 'series'>): string {
  if (series === null || series.season === null || series.episode === null) return name;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${series.name} S${two(series.season)}E${two(series.episode)} ${name}`;
}
