// How the index comes by its items: from disk, by reading a server whole, and one by one. Calls that change the view are made one after the other, by the caller.
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { ControllerError, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { SyncedItem, SyncedServer } from '../../neighbours/synced-server.ts';
import { type HeldView, taker } from './held-view.ts';
import type { IndexFiles } from './index-files.ts';
import { type IndexedItem, indexedItem, isSameItem } from './indexed-item.ts';
import type { ItemChange } from './item-view.ts';
import type { IndexChange } from './view-changes.ts';

/** What a whole reading needs. */
export type ReadableServer = Pick<SyncedServer, 'name' | 'items' | 'itemCount'>;

/** How many items there were before a reading and after it. */
export type Shrinkage = { readonly before: number; readonly after: number; readonly atMs: number };

type ServerState = {
  builtMs: number | null;
  /** `itemCount` as it must be now. */
  count: number | null;
  shrinkage: Shrinkage | null;
  /** What was learnt while the server is read. */
  since: ItemChange[] | null;
  /** New since the last reading; of those that a reading then did not list, the ids: a film's second file is known by its id only, and not counted. */
  readonly learnt: Set<string>;
  readonly unlisted: Set<string>;
};

export type States = { of(server: string): ServerState };

export function createStates(): States {
  const states = new Map<string, ServerState>();
  return {
    of(server) {
      const known = states.get(server);
      if (known !== undefined) return known;
      const state = {
        builtMs: null,
        count: null,
        shrinkage: null,
        since: null,
        learnt: new Set<string>(),
        unlisted: new Set<string>(),
      };
      states.set(server, state);
      return state;
    },
  };
}

export type UpdateDeps = {
  readonly files: IndexFiles;
  readonly held: HeldView;
  readonly states: States;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly tell: (changes: readonly IndexChange[]) => void;
};

/** A server that was read whole, on disk beside what stands. */
type Read = {
  readonly server: string;
  readonly builtMs: number;
  readonly count: number;
};

/** Of one server. Far beyond any home; keeps a broken answer from filling memory. */
const MAX_ITEMS = 500_000;
const MAX_UNLISTED = 10_000;
/** Items that are looked at in one go. */
const A_STEP = 250;

export function createUpdates(deps: UpdateDeps) {
  const { files, held, states, clock, log, tell } = deps;
  const append = createAppending(files, log);
  return {
    load: (servers: readonly string[]) => load(servers, deps),
    /** Changes nothing but what is kept for `replace`; `end` follows in any case. */
    async read(server: ReadableServer, signal: AbortSignal): Promise<Read> {
      const [{ name }, builtMs] = [server, clock.now()];
      states.of(name).since = [];
      const count = await server.itemCount(signal);
      await files.write({ version: 1, server: name, builtMs, count }, asIndexed(server.items(signal), name));
      return { server: name, builtMs, count };
    },
    async replace({ server, builtMs, count }: Read): Promise<void> {
      const state = states.of(server);
      const since = state.since ?? [];
      if (since.length > 0) await files.append(since, count, 'written');
      const enter = await held.whole(server, (take) => files.readWritten(server, take));
      await files.commit(server);
      const before = held.view().size(server);
      const told = enter();
      const view = held.view();
      Object.assign(state, { builtMs, count, shrinkage: { before, after: view.size(server), atMs: clock.now() } });
      for (const id of state.learnt)
        if (view.slotOf(server, id) === undefined && state.unlisted.size < MAX_UNLISTED) state.unlisted.add(id);
      state.learnt.clear();
      log.debug({ server, items: view.size(server) }, 'items read');
      tell(told);
    },
    async end(server: string): Promise<void> {
      states.of(server).since = null;
      await files.discard(server);
    },
    async enter(change: ItemChange): Promise<void> {
      const { server, itemId, item } = change;
      const state = states.of(server);
      state.since?.push(change);
      const known = held.view().get(server, itemId);
      if (item === null ? known === null : known !== null && isSameItem(known, item)) return;
      if (state.count !== null) {
        if (!state.unlisted.has(itemId)) state.count += Number(item !== null) - Number(known !== null);
        await append(change, state.count);
      }
      if (known === null) state.learnt.add(itemId);
      const enter = await held.one(change);
      tell(enter());
    },
  };
}

async function load(servers: readonly string[], { files, held, states, log }: UpdateDeps): Promise<readonly string[]> {
  await files.keepOnly(servers);
  const toRead: string[] = [];
  await held.fill(async (builder) => {
    for (const server of servers) {
      const kept = await files.read(server, taker(builder));
      if (typeof kept === 'string') {
        if (kept === 'damaged') log.warn({ server }, 'the kept index of items is damaged; the server is read anew');
        builder.forget(server);
        toRead.push(server);
        continue;
      }
      if (kept.lostLines > 0) log.warn({ server, lines: kept.lostLines }, 'what was learnt last of a server was not kept whole');
      Object.assign(states.of(server), { builtMs: kept.builtMs, count: kept.count });
    }
  });
  return toRead;
}

/** Lets pages through as the index keeps items. */
async function* asIndexed(pages: AsyncIterable<readonly SyncedItem[]>, server: string): AsyncGenerator<readonly IndexedItem[]> {
  let read = 0;
  for await (const page of pages) {
    read += page.length;
    if (read > MAX_ITEMS)
      throw new ControllerError('upstream_failed', `"${server}" has more than ${MAX_ITEMS} items: too many to be kept the same`);
    for (let from = 0; from < page.length; from += A_STEP) {
      yield page.slice(from, from + A_STEP).map((item) => indexedItem(server, item));
      await turn();
    }
  }
}

/** A disk that is full loses what is learnt for the next start only; said once. */
function createAppending(files: IndexFiles, log: Log): (change: ItemChange, count: number) => Promise<void> {
  let isFailing = false;
  return async (change, count) => {
    try {
      await files.append([change], count, 'standing');
      if (isFailing) log.info({ server: change.server }, 'what is learnt of items is kept again');
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn({ server: change.server, problem: messageOf(error) }, 'what is learnt of items is not kept');
      isFailing = true;
    }
  };
}
