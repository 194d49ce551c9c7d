// What each server has, and which items are the same on all of them: read whole now and then, kept on disk, mended item by item in between.
import type { Clock } from '../../clock.ts';
import { createListeners } from '../../listeners.ts';
import type { Log } from '../../log.ts';
import type { SyncedItem } from '../../neighbours/synced-server.ts';
import { createTurns } from '../../neighbours/turns.ts';
import { calledBefore } from './called-before.ts';
import { calledSo } from './called-so.ts';
import { holdView } from './held-view.ts';
import type { IndexFiles } from './index-files.ts';
import { createStates, createUpdates, type ReadableServer, type Shrinkage } from './index-updates.ts';
import { type IndexedItem, indexedItem } from './indexed-item.ts';
import type { ItemView } from './item-view.ts';
import { createMissingItems } from './missing-items.ts';
import type { PathMap } from './path-maps.ts';
import type { IndexChange, Rename } from './view-changes.ts';

export type ItemIndex = {
  /** What earlier runs kept; once, at the start. Tells nobody. Answers with the servers that must be read: nothing whole was kept of them. */
  load(servers: readonly string[]): Promise<readonly string[]>;
  /** Reads a server whole; whoever comes while it is read joins. Until the end what was known answers. @throws ControllerError upstream_…, timeout, storage_failed */
  refresh(server: ReadableServer, signal: AbortSignal): Promise<void>;
  /** One item as the server just told it; its series should be learnt before it. Answers with its identity. */
  learn(server: string, item: SyncedItem): Promise<string>;
  /** The server said that it has no such item: remembered for ten minutes. */
  forget(server: string, itemId: string): Promise<void>;
  /** The server said so lately: not worth another question. */
  isMissing(server: string, itemId: string): boolean;
  /** Null for an item that is not known. The same after every start while the same items are there. */
  identityOf(server: string, itemId: string): string | null;
  /** By server and id; several of one server are copies. */
  itemsOf(identity: string): readonly IndexedItem[];
  item(server: string, itemId: string): IndexedItem | null;
  /** Identities of what has this title, in small or big letters, with or without its year, at most so many. Looks at every item. */
  called(title: string, most: number): Promise<readonly string[]>;
  /** Of these names, those that no item has any more, and what the items are called now that had them. Looks at every item where there is such a name. */
  calledBefore(names: Iterable<string>): Promise<readonly Rename[]>;
  size(server: string): number;
  /** UTC ms at which the last whole reading began; null: never. */
  lastBuiltMs(server: string): number | null;
  /** What `itemCount` answers while nothing changes there; null before the first reading. Another answer is a reason to read. */
  expectedCount(server: string): number | null;
  /** Of the last reading of this run; null before it. It stands before the changes are told. */
  shrinkage(server: string): Shrinkage | null;
  /** Answers with a function that ends it. */
  onChange(listener: (change: IndexChange) => void): () => void;
};

export type ItemIndexDeps = {
  readonly files: IndexFiles;
  readonly pathMaps: readonly PathMap[];
  /** Those of earlier runs. */
  readonly formerPathMaps?: readonly (readonly PathMap[])[];
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly log: Log;
  /** Ends whatever waits. */
  readonly signal: AbortSignal;
};

export function createItemIndex(deps: ItemIndexDeps): ItemIndex {
  const { files, clock, log, signal: life } = deps;
  const held = holdView(deps.pathMaps);
  const view = (): ItemView => held.view();
  const missing = createMissingItems(clock);
  const changes = createListeners<[IndexChange]>();
  const tell = (told: readonly IndexChange[]): void => {
    for (const change of told) changes.tell(change);
  };
  const states = createStates();
  const updates = createUpdates({ files, held, states, clock, log, tell });
  /** Whatever changes the view waits for what does so now. */
  const inOrder = createTurns(1);
  const reading = new Map<string, Promise<void>>();
  const refresh = async (server: ReadableServer, signal: AbortSignal): Promise<void> => {
    try {
      const read = await updates.read(server, signal);
      await inOrder.take(signal, () => updates.replace(read));
    } finally {
      await updates.end(server.name);
    }
  };
  return {
    load: (servers) => inOrder.take(life, () => updates.load(servers)),
    refresh(server, signal) {
      const running = reading.get(server.name) ?? refresh(server, signal).finally(() => reading.delete(server.name));
      reading.set(server.name, running);
      return running;
    },
    async learn(server, told) {
      missing.remove(server, told.id);
      const item = indexedItem(server, told);
      return await inOrder.take(life, async () => {
        await updates.enter({ server, itemId: told.id, item });
        return view().nameOf(server, told.id) ?? '';
      });
    },
    async forget(server, itemId) {
      missing.add(server, itemId);
      await inOrder.take(life, () => updates.enter({ server, itemId, item: null }));
    },
    isMissing: missing.has,
    identityOf: (server, itemId) => view().nameOf(server, itemId),
    itemsOf: (identity) => view().named(identity),
    item: (server, itemId) => view().get(server, itemId),
    called: (title, most) => calledSo(view, title, most),
    calledBefore: (names) => calledBefore(view, names, [deps.pathMaps, ...(deps.formerPathMaps ?? [])]),
    size: (server) => view().size(server),
    lastBuiltMs: (server) => states.of(server).builtMs,
    expectedCount: (server) => states.of(server).count,
    shrinkage: (server) => states.of(server).shrinkage,
    onChange: changes.on,
  };
}
