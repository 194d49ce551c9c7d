// What the media servers have, in memory: read whole now and then, kept while a server is down.
import type { Clock } from '../clock.ts';
import { ControllerError, isAbort, messageOf } from '../errors.ts';
import { createListeners } from '../listeners.ts';
import type { Log } from '../log.ts';
import { type CatalogueFiles, type Shelf, shelfKey } from './catalogue-files.ts';
import { type CatalogueItem, itemKey } from './catalogue-item.ts';

/**
 * Pages of everything below one library, collection, series or playlist.
 * @throws ControllerError upstream_unreachable, upstream_refused, upstream_failed, timeout
 */
export type ReadLibrary = (server: string, libraryId: string, signal: AbortSignal) => AsyncIterable<readonly CatalogueItem[]>;

export type ShelfState = Shelf & {
  readonly items: number;
  /** UTC ms of the last whole reading; null before the first. */
  readonly readAtMs: number | null;
  /** Why the last try failed; null where it did not. */
  readonly problem: string | null;
};

export type Catalogue = {
  /** Items of all shelves, of each shelf in its server's order; an item of two shelves comes twice. The same array until something was read. */
  all(): readonly CatalogueItem[];
  /** Keys (`itemKey`) of what the shelf holds. */
  members(shelf: Shelf): readonly string[];
  item(of: { readonly server: string; readonly id: string }): CatalogueItem | null;
  /** True once it was read, now or by an earlier run. */
  has(shelf: Shelf): boolean;
  /** Reads what was never read, or longer ago than `maxAgeMs`. What stands stays when that fails. @throws ControllerError where nothing stands. */
  ensure(shelves: readonly Shelf[], maxAgeMs: number): Promise<void>;
  /** Reads anew whatever its age; never rejects. Resolves with sentences on what failed. */
  refresh(shelves: readonly Shelf[]): Promise<readonly string[]>;
  /** The server is back: what failed there is tried again when next asked for. */
  retry(server: string): void;
  /** Forgets all others, on disk too. */
  keepOnly(shelves: readonly Shelf[]): Promise<void>;
  state(): readonly ShelfState[];
  /** Called when items came, went or changed. Answers with a function that ends it. */
  onChange(listener: () => void): () => void;
};

type Content = { readAtMs: number | null; problem: string | null; failedAt: number; items: readonly CatalogueItem[] };

export type CatalogueDeps = {
  readonly readLibrary: ReadLibrary;
  readonly files: CatalogueFiles;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends readings. */
  readonly signal: AbortSignal;
};

/** A server that just failed is not asked again for each of its channels. */
const RETRY_AFTER_MS = 30_000;
/** Of one shelf. Far beyond any home; keeps a broken answer from filling memory. */
const MAX_ITEMS = 200_000;

export function createCatalogue(deps: CatalogueDeps): Catalogue {
  const { files, clock, log } = deps;
  const shelves = createShelves();
  const reading = new Map<string, Promise<void>>();
  const fromDisk = async (shelf: Shelf): Promise<void> => {
    const kept = await files.read(shelf);
    if (kept !== null) shelves.put(shelf, { ...kept, problem: null, failedAt: 0 });
  };
  const fromServer = async (shelf: Shelf): Promise<void> => {
    const before = shelves.get(shelf);
    const readAtMs = clock.now();
    try {
      const items: CatalogueItem[] = [];
      await files.write(shelf, taking(deps.readLibrary(shelf.server, shelf.id, deps.signal), items), readAtMs);
      shelves.put(shelf, { readAtMs, problem: null, failedAt: 0, items });
      if (before?.problem) log.info({ ...shelf, items: items.length }, 'library read again');
    } catch (error) {
      if (isAbort(error) && deps.signal.aborted) throw error;
      const problem = messageOf(error);
      // One line at a change of state, not one each night.
      if (!before?.problem) log.warn({ ...shelf, problem }, 'library could not be read');
      shelves.put(shelf, {
        readAtMs: before?.readAtMs ?? null,
        problem,
        failedAt: clock.monotonic(),
        items: before?.items ?? [],
      });
    }
  };
  /** However many ask, a shelf is read once at a time. */
  const shared = async (shelf: Shelf, work: (shelf: Shelf) => Promise<void>): Promise<void> => {
    const key = shelfKey(shelf);
    const running = reading.get(key) ?? work(shelf).finally(() => reading.delete(key));
    reading.set(key, running);
    await running;
  };
  const isDue = (content: Content | undefined, maxAgeMs: number): boolean => {
    if (content?.problem && clock.monotonic() - content.failedAt < RETRY_AFTER_MS) return false;
    const readAtMs = content?.readAtMs ?? null;
    return readAtMs === null || clock.now() - readAtMs > maxAgeMs;
  };
  return {
    all: shelves.all,
    members: (shelf) => shelves.get(shelf)?.items.map(itemKey) ?? [],
    item: shelves.item,
    has: (shelf) => (shelves.get(shelf)?.readAtMs ?? null) !== null,
    async ensure(wanted, maxAgeMs) {
      for (const shelf of wanted) {
        if (!shelves.get(shelf)) await shared(shelf, fromDisk);
        if (isDue(shelves.get(shelf), maxAgeMs)) await shared(shelf, fromServer);
      }
      const missing = wanted.map(shelves.get).find((content) => content?.readAtMs === null);
      if (missing) throw new ControllerError('upstream_failed', missing.problem ?? 'a library was not read yet');
    },
    async refresh(wanted) {
      for (const shelf of wanted) {
        if (!shelves.get(shelf)) await shared(shelf, fromDisk);
        await shared(shelf, fromServer);
      }
      return [...new Set(wanted.flatMap((shelf) => shelves.get(shelf)?.problem ?? []))];
    },
    retry(server) {
      for (const [shelf, content] of shelves.of(server)) shelves.put(shelf, { ...content, failedAt: Number.NEGATIVE_INFINITY });
    },
    async keepOnly(wanted) {
      shelves.keepOnly(wanted);
      await files.keepOnly(wanted);
    },
    state: shelves.state,
    onChange: shelves.onChange,
  };
}

/** Names of servers have no slash. */
const toShelf = (key: string): Shelf => ({ server: key.slice(0, key.indexOf('/')), id: key.slice(key.indexOf('/') + 1) });

/** What was read, by shelf and by item. */
function createShelves() {
  const shelves = new Map<string, Content>();
  let everything: readonly CatalogueItem[] | null = null;
  /** By server, then id: no key is put together for each of 20,000 items. */
  let index: ReadonlyMap<string, ReadonlyMap<string, CatalogueItem>> | null = null;
  const changes = createListeners();
  const changed = (): void => {
    everything = null;
    index = null;
    changes.tell();
  };
  const all = (): readonly CatalogueItem[] => {
    everything ??= [...shelves.values()].flatMap(({ items }) => items);
    return everything;
  };
  return {
    all,
    onChange: changes.on,
    get: (shelf: Shelf): Content | undefined => shelves.get(shelfKey(shelf)),
    put(shelf: Shelf, content: Content): void {
      const same = shelves.get(shelfKey(shelf))?.items === content.items;
      shelves.set(shelfKey(shelf), content);
      if (!same) changed();
    },
    item(of: { readonly server: string; readonly id: string }): CatalogueItem | null {
      index ??= byServer(all());
      return index.get(of.server)?.get(of.id) ?? null;
    },
    keepOnly(wanted: readonly Shelf[]): void {
      const keys = new Set(wanted.map(shelfKey));
      for (const key of [...shelves.keys()].filter((each) => !keys.has(each))) {
        shelves.delete(key);
        changed();
      }
    },
    of: (server: string): readonly (readonly [Shelf, Content])[] =>
      [...shelves].map(([key, content]) => [toShelf(key), content] as const).filter(([shelf]) => shelf.server === server),
    state: (): readonly ShelfState[] =>
      [...shelves].map(([key, { items, readAtMs, problem }]) => ({ ...toShelf(key), items: items.length, readAtMs, problem })),
  };
}

function byServer(items: readonly CatalogueItem[]): ReadonlyMap<string, ReadonlyMap<string, CatalogueItem>> {
  const servers = new Map<string, Map<string, CatalogueItem>>();
  for (const item of items) {
    const known = servers.get(item.server) ?? new Map<string, CatalogueItem>();
    servers.set(item.server, known.set(item.id, item));
  }
  return servers;
}

/** Lets pages through and remembers their items. */
async function* taking(pages: AsyncIterable<readonly CatalogueItem[]>, items: CatalogueItem[]) {
  for await (const page of pages) {
    if (items.length + page.length > MAX_ITEMS)
      throw new ControllerError('upstream_failed', `a library with more than ${MAX_ITEMS} items cannot be used for channels`);
    for (const item of page) items.push(item);
    yield page;
  }
}
