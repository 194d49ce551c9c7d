// Keeps playlists the same on several servers. No server tells of a change of a list: each is looked at now and then, and when somebody asks.
import { ControllerError, isAbort, messageOf } from '../../errors.ts';
import { type Bell, createBell } from '../../neighbours/bell.ts';
import { createTurns, type Turns } from '../../neighbours/turns.ts';
import type { ItemIndex } from '../index/item-index.ts';
import type { Rename } from '../index/view-changes.ts';
import { backOffMs } from '../state/back-off.ts';
import type { ListServer, ListsDeps } from './lists-deps.ts';
import { type ListsOverview, type ListsStanding, overviewOf, standingOf, type UnclearOf } from './lists-overview.ts';
import { lookAtLists } from './look-at-lists.ts';
import type { LookDeps } from './look-at-user.ts';
import { identitiesInLists, renameInLists } from './rename-in-lists.ts';
import { createVisible } from './seen-entries.ts';
import { undoWritten } from './undo-list.ts';
import { type ListsRange, type UndoneList, undoRange } from './undo-range.ts';

export type PlaylistSyncDeps = Omit<ListsDeps, 'changed' | 'agree'> & {
  readonly servers: readonly ListServer[];
  readonly index: Pick<ItemIndex, 'onChange' | 'lastBuiltMs' | 'calledBefore'>;
  /** A list is left alone since it is not clear which or whose it is; told once. */
  tellUnclear(unclear: UnclearOf): void;
  isPaused(): boolean;
  /** How often a server is looked at where nobody asks. */
  readonly everyMs: number;
};

export type PlaylistSync = {
  /** Whatever is on that server may have changed; all servers where none is named. */
  lookNow(server?: string): void;
  /** The same, and waits for it. @throws ControllerError of the server or the store; not_found for one that is not kept the same */
  look(server: string, signal: AbortSignal): Promise<void>;
  overview(): Promise<ListsOverview>;
  /** Takes back what one entry of the log did. @throws ControllerError not_found, conflict */
  undo(id: string, signal: AbortSignal): Promise<void>;
  /** Takes back what was written within a range of time. @param dryRun only tells */
  undoRange(range: ListsRange, dryRun: boolean, signal: AbortSignal): Promise<readonly UndoneList[]>;
  /** How many wait for somebody. */
  standing(): Promise<ListsStanding>;
  /** Until the signal fires. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

type Looker = {
  readonly bell: Bell;
  /** One look at a time: whatever is read is compared and written before it is read again. */
  readonly turns: Turns;
  /** Whose lists are to be looked at; null: all. */
  who: Set<string> | null;
  failures: number;
  awaySinceMs: number | null;
};

export function createPlaylistSync(deps: PlaylistSyncDeps): PlaylistSync {
  const { clock, servers } = deps;
  const lookers = new Map(servers.map(({ name }) => [name, newLooker(createBell(clock))]));
  const visible = createVisible(deps);
  const unclear = createUnclear(deps.tellUnclear);
  const agreeing = createTurns(1);
  let renaming: Promise<void> = Promise.resolve();
  const look: LookDeps = {
    ...{ ...deps, has: visible.has, lacks: visible.lacks, lastSeen: new Map(), unclear: unclear.note },
    agree: (signal, work) => agreeing.take(signal, () => deps.db.transaction().execute(work)),
    changed(person, by) {
      for (const [name, looker] of lookers) if (name !== by) ask(looker, person);
    },
  };
  const run: Run = { deps, look, settled: () => renaming };
  const rename = (renames: () => Promise<readonly Rename[]>, signal: AbortSignal): void => {
    renaming = renaming
      .then(async () => {
        const renamed = await renames();
        await agreeing.take(signal, () => renameInLists(deps.db, renamed, clock.now()));
      })
      .catch((error: unknown) => {
        if (!isAbort(error)) deps.log.error({ error: messageOf(error) }, 'playlists: items could not be renamed');
      });
  };
  const follow = (signal: AbortSignal) =>
    deps.index.onChange(({ server, appeared, vanished, renamed }) => {
      rename(async () => renamed, signal);
      visible.forget();
      if (appeared.length + vanished.length > 0) lookAtAll(lookers, server);
    });
  return {
    lookNow: (server) => lookAtAll(lookers, server),
    async look(server, signal) {
      const [at, looker] = [servers.find(({ name }) => name === server), lookers.get(server)];
      if (at === undefined || looker === undefined)
        throw new ControllerError('not_found', `no server ${server} is kept the same`);
      await lookOnce(run, at, { looker, who: null }, signal);
    },
    async overview() {
      const away = [...lookers].flatMap(([server, { awaySinceMs: sinceMs }]) => (sinceMs === null ? [] : [{ server, sinceMs }]));
      return await overviewOf(deps.db, { unclear: unclear.all(), away });
    },
    undo: (id, signal) => undoWritten(look, id, signal),
    undoRange: (range, dryRun, signal) => undoRange(look, { range, dryRun }, signal),
    standing: () => standingOf(deps.db, unclear.all().length),
    async run(signal) {
      const stop = follow(signal);
      // What was renamed while nobody listened.
      rename(async () => deps.index.calledBefore(await identitiesInLists(deps.db)), signal);
      try {
        await Promise.all(servers.map((at) => runServer(run, at, lookers.get(at.name) ?? newLooker(createBell(clock)), signal)));
      } finally {
        stop();
        await renaming;
      }
    },
  };
}

/** What is left alone, by server and person; each is told once while it is so. */
function createUnclear(tell: PlaylistSyncDeps['tellUnclear']): {
  readonly note: LookDeps['unclear'];
  all(): readonly UnclearOf[];
} {
  const known = new Map<string, readonly UnclearOf[]>();
  return {
    all: () => [...known.values()].flat(),
    note({ server, person }, lists) {
      const key = `${server} ${person}`;
      const told = new Set(known.get(key)?.map(({ name, why }) => `${why} ${name}`));
      const now = lists.map(({ name, why }) => ({ server, person, name, why }));
      for (const one of now) {
        if (!told.has(`${one.why} ${one.name}`)) tell(one);
        told.add(`${one.why} ${one.name}`);
      }
      if (now.length === 0) known.delete(key);
      else known.set(key, now);
    },
  };
}

function lookAtAll(lookers: ReadonlyMap<string, Looker>, server: string | undefined): void {
  for (const [name, looker] of lookers) {
    if (server !== undefined && server !== name) continue;
    looker.who = null;
    looker.bell.ring();
  }
}

/** The first look is at all. */
const newLooker = (bell: Bell): Looker => ({ bell, turns: createTurns(1), who: null, failures: 0, awaySinceMs: null });

/** Whoever is away is asked when their time has come, however much is changed elsewhere. */
function ask(looker: Looker, person: string): void {
  looker.who?.add(person);
  if (looker.awaySinceMs === null) looker.bell.ring();
}

type Run = { readonly deps: PlaylistSyncDeps; readonly look: LookDeps; settled(): Promise<void> };

async function runServer(run: Run, at: ListServer, looker: Looker, signal: AbortSignal): Promise<void> {
  const { clock, everyMs } = run.deps;
  let allAtMs = clock.now();
  while (!signal.aborted) {
    const { who } = looker;
    const isAll = who === null || clock.now() >= allAtMs;
    looker.who = new Set();
    try {
      const isDone = await lookOnce(run, at, { looker, who: isAll ? null : who }, signal);
      if (!isDone) looker.who = null;
      else if (isAll) allAtMs = clock.now() + everyMs;
      answered(run, at, looker);
      await looker.bell.wait(isDone ? Math.max(0, allAtMs - clock.now()) : everyMs, signal);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      looker.who = null;
      failed(run, at, { looker, error });
      await looker.bell.wait(backOffMs(looker.failures), signal).catch(() => {});
    }
  }
}

/** @returns false: it was not the time. @throws ControllerError of the server or the store */
async function lookOnce(
  { deps, look, settled }: Run,
  at: ListServer,
  { looker, who }: { readonly looker: Looker; readonly who: ReadonlySet<string> | null },
  signal: AbortSignal,
): Promise<boolean> {
  // Before it is known what it has, every list would be full of holes.
  if (deps.isPaused() || deps.index.lastBuiltMs(at.name) === null) return false;
  await looker.turns.take(signal, async () => {
    await settled();
    await lookAtLists(look, at, who, signal);
  });
  return true;
}

function failed({ deps: { clock, log } }: Run, at: ListServer, { looker, error }: { looker: Looker; error: unknown }): void {
  looker.failures += 1;
  if (looker.awaySinceMs !== null) return;
  looker.awaySinceMs = clock.now();
  log.warn({ server: at.name, error: messageOf(error) }, 'playlists: the server cannot be looked at; what is for it waits');
}

function answered({ deps: { log } }: Run, at: ListServer, looker: Looker): void {
  if (looker.awaySinceMs !== null) log.info({ server: at.name }, 'playlists: the server is looked at again');
  Object.assign(looker, { failures: 0, awaySinceMs: null });
}
