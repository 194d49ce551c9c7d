// What the media servers have, in memory: read whole now and then, kept while a server is down.
import type { Clock } from '../clock.ts';
import { ControllerError, isAbort, messageOf } from '../errors.ts';
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
  /** Items of all these shelves, each once. */
  items(shelves: readonly Shelf[]): readonly CatalogueItem[];
  item(of: { readonly server: string; readonly id: string }): CatalogueItem | null;
  /** True once it was read, now or by an earlier run. */
  has(shelf: Shelf): boolean;
  /** Reads what was never read, or longer ago than `maxAgeMs`. What stands stays when that fails. @throws ControllerError where nothing stands. */
  ensure(shelves: readonly Shelf[], maxAgeMs: number): Promise<void>;
  /** Reads anew whatever its age; never rejects. Resolves with sentences on what failed. */
  refresh(shelves: readonly Shelf[]): Promise<readonly string[]>;
  /** Forgets all others, on disk too. */
  keepOnly(shelves: readonly Shelf[]): Promise<void>;
  state(): readonly ShelfState[];
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
  const shelves = new Map<string, Content>();
  const index = new Map<string, CatalogueItem>();
  const reading = new Map<string, Promise<void>>();
  const put = (shelf: Shelf, content: Content): void => {
    shelves.set(shelfKey(shelf), content);
    for (const item of content.items) index.set(itemKey(item), item);
  };
  const reindex = (): void => {
    index.clear();
    for (const { items } of shelves.values()) for (const item of items) index.set(itemKey(item), item);
  };
  const fromDisk = async (shelf: Shelf): Promise<void> => {
    const kept = await files.read(shelf);
    if (kept !== null) put(shelf, { ...kept, problem: null, failedAt: 0 });
  };
  const fromServer = async (shelf: Shelf): Promise<void> => {
    const before = shelves.get(shelfKey(shelf));
    const readAtMs = clock.now();
    try {
      const items: CatalogueItem[] = [];
      await files.write(shelf, taking(deps.readLibrary(shelf.server, shelf.id, deps.signal), items), readAtMs);
      shelves.set(shelfKey(shelf), { readAtMs, problem: null, failedAt: 0, items });
      reindex();
      if (before?.problem) log.info({ ...shelf, items: items.length }, 'library read again');
    } catch (error) {
      if (isAbort(error) && deps.signal.aborted) throw error;
      const problem = messageOf(error);
      // One line at a change of state, not one each night.
      if (!before?.problem) log.warn({ ...shelf, problem }, 'library could not be read');
      put(shelf, { readAtMs: before?.readAtMs ?? null, problem, failedAt: clock.monotonic(), items: before?.items ?? [] });
    }
  };
  /** However many ask, a shelf is read once at a time. */
  const shared = async (shelf: Shelf, work: () => Promise<void>): Promise<void> => {
    const key = shelfKey(shelf);
    const running = reading.get(key) ?? work().finally(() => reading.delete(key));
    reading.set(key, running);
    await running;
  };
  const isDue = (content: Content | undefined, maxAgeMs: number): boolean => {
    if (content?.problem && clock.monotonic() - content.failedAt < RETRY_AFTER_MS) return false;
    return content?.readAtMs === null || content === undefined || clock.now() - content.readAtMs > maxAgeMs;
  };
  return {
    items: (wanted) => itemsOf(shelves, wanted),
    item: (of) => index.get(itemKey(of)) ?? null,
    has: (shelf) => (shelves.get(shelfKey(shelf))?.readAtMs ?? null) !== null,
    async ensure(wanted, maxAgeMs) {
      for (const shelf of wanted) {
        const key = shelfKey(shelf);
        if (!shelves.has(key)) await shared(shelf, () => fromDisk(shelf));
        if (isDue(shelves.get(key), maxAgeMs)) await shared(shelf, () => fromServer(shelf));
      }
      const missing = wanted.map((shelf) => shelves.get(shelfKey(shelf))).find((content) => content?.readAtMs === null);
      if (missing) throw new ControllerError('upstream_failed', missing.problem ?? 'a library was not read yet');
    },
    async refresh(wanted) {
      for (const shelf of wanted) {
        if (!shelves.has(shelfKey(shelf))) await shared(shelf, () => fromDisk(shelf));
        await shared(shelf, () => fromServer(shelf));
      }
      return [...new Set(wanted.flatMap((shelf) => shelves.get(shelfKey(shelf))?.problem ?? []))];
    },
    async keepOnly(wanted) {
      const keys = new Set(wanted.map(shelfKey));
      for (const key of shelves.keys()) if (!keys.has(key)) shelves.delete(key);
      reindex();
      await files.keepOnly(wanted);
    },
    state: () =>
      [...shelves].map(([key, { items, readAtMs, problem }]) => {
        const [server = '', id = ''] = splitOnce(key);
        return { server, id, items: items.length, readAtMs, problem };
      }),
  };
}

/** Names of servers have no slash. */
const splitOnce = (key: string): readonly string[] => [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)];

/** Lets pages through and remembers their items. */
async function* taking(pages: AsyncIterable<readonly CatalogueItem[]>, items: CatalogueItem[]) {
  for await (const page of pages) {
    if (items.length + page.length > MAX_ITEMS)
      throw new ControllerError('upstream_failed', `a library with more than ${MAX_ITEMS} items cannot be used for channels`);
    for (const item of page) items.push(item);
    yield page;
  }
}

/** An item of two shelves counts once; the first shelf's word on it holds. */
function itemsOf(shelves: ReadonlyMap<string, Content>, wanted: readonly Shelf[]): readonly CatalogueItem[] {
  const [only, ...more] = wanted.flatMap((shelf) => shelves.get(shelfKey(shelf)) ?? []);
  if (only === undefined) return [];
  if (more.length === 0) return only.items;
  const once = new Map<string, CatalogueItem>();
  for (const { items } of [only, ...more]) for (const item of items) if (!once.has(itemKey(item))) once.set(itemKey(item), item);
  return [...once.values()];
}
