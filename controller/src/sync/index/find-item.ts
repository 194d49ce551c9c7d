// The identity of an item that something was said of: from the index, else by one question to its server.
import { ControllerError } from '../../errors.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { ItemIndex } from './item-index.ts';

type Asked = Pick<SyncedServer, 'name' | 'item'>;

/** Null: the server has no such item, or said so lately. @throws ControllerError upstream_…, timeout: whether it has is not known */
export type FindItem = (server: Asked, itemId: string, signal: AbortSignal) => Promise<string | null>;

export function createFindItem(index: Pick<ItemIndex, 'identityOf' | 'isMissing' | 'learn' | 'forget'>): FindItem {
  const asking = new Map<string, Promise<string | null>>();
  /** However many want it, it is asked for once. */
  const once = async (key: string, work: () => Promise<string | null>): Promise<string | null> => {
    const running = asking.get(key) ?? work().finally(() => asking.delete(key));
    asking.set(key, running);
    return await running;
  };
  const known = (server: string, itemId: string) => {
    const identity = index.identityOf(server, itemId);
    return { identity, isSettled: identity !== null || index.isMissing(server, itemId) };
  };
  const ask = async (server: Asked, itemId: string, signal: AbortSignal, withSeries: boolean): Promise<string | null> => {
    try {
      const item = await server.item(itemId, signal);
      const seriesId = withSeries ? (item.series?.id ?? null) : null;
      // Before it: an episode is known by the ids of its series.
      if (seriesId !== null && !known(server.name, seriesId).isSettled)
        await once(`series of ${server.name}/${seriesId}`, () => ask(server, seriesId, signal, false));
      return await index.learn(server.name, item);
    } catch (error) {
      if (!(error instanceof ControllerError) || error.code !== 'not_found') throw error;
      await index.forget(server.name, itemId);
      return null;
    }
  };
  return async (server, itemId, signal) => {
    const { identity, isSettled } = known(server.name, itemId);
    return isSettled ? identity : await once(`${server.name}/${itemId}`, () => ask(server, itemId, signal, true));
  };
}
