// Items as servers tell them, and a server that has some of them.
import { ControllerError } from '../../../src/errors.ts';
import type { SyncedItem, SyncedServer } from '../../../src/neighbours/synced-server.ts';
import { atOnce } from '../../../src/sync/index/in-turns.ts';
import { type IndexedItem, indexedItem } from '../../../src/sync/index/indexed-item.ts';
import type { PathOf } from '../../../src/sync/index/item-links.ts';
import { createViewBuilder, type ItemView } from '../../../src/sync/index/item-view.ts';

type Given = Partial<Omit<SyncedItem, 'id'>>;

export const film = (id: string, providerIds: SyncedItem['providerIds'], more: Given = {}): SyncedItem => ({
  id,
  kind: 'movie',
  name: `Film ${id}`,
  year: 1999,
  path: null,
  providerIds,
  runtimeMs: 6_000_000,
  series: null,
  ...more,
});

export const series = (id: string, providerIds: SyncedItem['providerIds'], more: Given = {}): SyncedItem =>
  film(id, providerIds, { kind: 'series', name: `Series ${id}`, runtimeMs: null, ...more });

/** @param at e.g. [1, 2] for s01e02 */
export const episode = (
  id: string,
  seriesId: string,
  at: readonly [season: number | null, episode: number | null],
  more: Given = {},
): SyncedItem =>
  film(id, {}, { kind: 'episode', series: { id: seriesId, name: `Series ${seriesId}`, season: at[0], episode: at[1] }, ...more });

export const onServer = (server: string, items: readonly SyncedItem[]): readonly IndexedItem[] =>
  items.map((item) => indexedItem(server, item));

export type TestServer = Pick<SyncedServer, 'name' | 'items' | 'itemCount' | 'item'> & {
  has: SyncedItem[];
  /** An error that each question gets. */
  down: ControllerError | null;
  /** After so many pages the connection breaks. */
  breaksAfter: number;
  /** Between two pages. */
  meanwhile: () => Promise<void>;
  readonly asked: { whole: number; single: string[] };
};

export function testServer(name: string, has: readonly SyncedItem[], pageSize = 100): TestServer {
  const asked = { whole: 0, single: [] as string[] };
  const answer = (): void => {
    if (server.down !== null) throw server.down;
  };
  const server: TestServer = {
    name,
    has: [...has],
    down: null,
    breaksAfter: Number.POSITIVE_INFINITY,
    meanwhile: async () => {},
    asked,
    async *items() {
      answer();
      asked.whole += 1;
      const all = [...server.has];
      for (let from = 0, page = 0; from < all.length; from += pageSize, page += 1) {
        if (page >= server.breaksAfter) throw new ControllerError('upstream_unreachable', `"${name}" broke off`);
        yield all.slice(from, from + pageSize);
        await server.meanwhile();
      }
    },
    async itemCount() {
      answer();
      return server.has.length;
    },
    async item(id) {
      asked.single.push(id);
      answer();
      const found = server.has.find((item) => item.id === id);
      if (found === undefined) throw new ControllerError('not_found', `"${name}" has no item ${id}`);
      return found;
    },
  };
  return server;
}

export function buildView(items: Iterable<IndexedItem>, pathOf: PathOf = (_server, path) => path): ItemView {
  const builder = createViewBuilder(pathOf);
  for (const item of items) builder.put(item);
  return atOnce(builder.finish());
}

export const itemsOf = (view: ItemView): readonly IndexedItem[] =>
  [...view.places()].flatMap(({ server, itemId }) => view.get(server, itemId) ?? []);
