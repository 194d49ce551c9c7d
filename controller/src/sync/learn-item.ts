// Which item an id of a server is: from the index, else by one question to that server, which is remembered.
import { ControllerError } from '../errors.ts';
import type { SyncedItem, SyncedServer } from '../neighbours/synced-server.ts';
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
export function createLearnItem(deps: Deps): LearnItem {
  const { index } = deps;
  return async (server, itemId, signal) => {
    const known = knownItem(deps, server, itemId);
    if (known !== null || index.isMissing(server, itemId)) return known;
    const asked = deps.server(server);
    const item = asked === null ? null : await read(asked, itemId, signal);
    if (item === null) {
      await index.forget(server, itemId);
      return null;
    }
    const series = item.series;
    // An episode is known by its series' ids as well.
    if (
      asked !== null &&
      series !== null &&
      index.identityOf(server, series.id) === null &&
      !index.isMissing(server, series.id)
    ) {
      const whole = await read(asked, series.id, signal);
      if (whole !== null) await index.learn(server, whole);
    }
    await index.learn(server, item);
    return knownItem(deps, server, itemId);
  };
}

function knownItem({ index, pathMaps }: Deps, server: string, itemId: string): LearntItem | null {
  const identity = index.identityOf(server, itemId);
  const item = index.item(server, itemId);
  if (identity === null || item === null) return null;
  return { identity, name: nameOf(item), path: item.path === null ? null : mappedPath(server, item.path, pathMaps) };
}

/** `Series S01E02 Title` of an episode. */
export function nameOf({ name, series }: Pick<SyncedItem, 'name' | 'series'>): string {
  if (series === null || series.season === null || series.episode === null) return name;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${series.name} S${two(series.season)}E${two(series.episode)} ${name}`;
}

async function read(server: SyncedServer, itemId: string, signal: AbortSignal): Promise<SyncedItem | null> {
  try {
    return await server.item(itemId, signal);
  } catch (error) {
    if (error instanceof ControllerError && error.code === 'not_found') return null;
    throw error;
  }
}
