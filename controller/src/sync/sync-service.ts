// Keeps what people watched the same on several servers: takes what hooks and looks tell, agrees on values, and brings each server to them.
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createBell } from '../neighbours/bell.ts';
import type { ItemState, SyncedServer } from '../neighbours/synced-server.ts';
import { createDeliveries } from './deliveries.ts';
import { followIndex } from './follow-index.ts';
import type { Telling } from './happenings.ts';
import { type HomeDeps, homeOf } from './home.ts';
import type { ItemIndex } from './index/item-index.ts';
import type { PathPolicy } from './index/path-policies.ts';
import type { InboxStore } from './intake/inbox-store.ts';
import type { LearnItem } from './learn-item.ts';
import type { Hints } from './missed/hints.ts';
import type { People } from './people/people.ts';
import type { ApplyDeps } from './reconcile/apply-deps.ts';
import { lookAtTold } from './reconcile/look-at-told.ts';
import { createLooks, type ServerDeps } from './reconcile/run-server.ts';
import type { Told } from './state/expected-echoes.ts';
import type { LossGuard } from './state/loss-guard.ts';
import { createServerClocks, type ServerClocks } from './state/server-clocks.ts';
import { createSharedState } from './state/shared-state.ts';
import type { Place, SyncTables } from './state/sync-tables.ts';
import type { Around } from './state/take-report.ts';
import { workInbox } from './work-inbox.ts';

export type SyncDeps = {
  readonly db: Kysely<SyncTables>;
  readonly servers: readonly SyncedServer[];
  readonly people: People;
  readonly index: ItemIndex;
  readonly learn: LearnItem;
  readonly inbox: InboxStore;
  readonly settings: Pick<HomeDeps, 'directions' | 'kinds' | 'progressDebounceMs' | 'pathMaps'> & {
    readonly policies: readonly PathPolicy[];
    readonly maxRetries: number;
    readonly retryDelayMs: number;
    readonly quickMs: number;
    readonly fullMs: number;
    readonly dryRun: boolean;
    /** How long deliveries may take to their end when all stops. */
    readonly endsMs?: number;
  };
  newId(): number;
  /** This user plays this item there now. */
  isPlaying(place: Place): boolean;
  /** Nothing is written nor compared; what hooks tell is taken. */
  readonly isPaused?: () => boolean;
  readonly tell?: Telling;
  /** Waits while hooks come in a flood. */
  readonly calm?: (signal: AbortSignal) => Promise<void>;
  readonly guard?: LossGuard;
  /** What servers tell beside their hooks; without it hooks that get lost are not noticed as such. */
  readonly hints?: Hints;
  /** A server's people were asked for, and with that its clock was compared with ours. */
  readonly looked?: (server: SyncedServer) => void;
  readonly clock: Clock;
  readonly log: Log;
};

export type Sync = {
  /** A hook tells nothing but what was just written there: it need not be kept. */
  isEcho(server: string, told: Told): boolean;
  /** A hook of this server waits in the inbox. */
  hookCame(server: string): void;
  /** Something of this server ended or came, or it answers again: it is looked at now, and what waits for it is tried. `isWhole`: at everything, since hooks may have been missed. */
  lookNow(server: string, isWhole?: boolean): void;
  /** A user's own socket told this of an item of theirs. @throws ControllerError of the server */
  lookAtTold(at: Omit<Place, 'itemId'>, told: ItemState, signal: AbortSignal): Promise<void>;
  /** Reads all that its users have and takes what nobody told; answers with how many items that were. @throws ControllerError of the server */
  compareWhole(server: string, signal: AbortSignal): Promise<number>;
  readonly clocks: ServerClocks;
  /** How many deliveries are on their way. */
  busy(): number;
  /** For wishes that are made here. */
  readonly around: Around;
  /** Until the signal fires. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
};

const AT_ONCE = async (): Promise<void> => {};
const SILENT: Telling = { heard: () => {}, happened: () => {} };
const UNTOLD: ServerDeps['hints'] = {
  ask: async () => ({ plays: [], scanEndMs: null }),
  scanWasRead: async () => {},
  judge: () => false,
};

export function createSync(deps: SyncDeps): Sync {
  const { db, servers, people, index, settings, isPaused = () => false, tell = SILENT, calm = AT_ONCE, clock, log } = deps;
  const clocks = createServerClocks((name) => servers.find((one) => one.name === name)?.clockSkew() ?? null);
  const bells = new Map(servers.map(({ name }) => [name, { hooks: createBell(clock), looks: createBell(clock) }]));
  const around = homeOf({
    ...{ people, index, clock, newId: deps.newId, guard: deps.guard },
    ...settings,
    wake(names) {
      for (const name of names) targets.get(name)?.wake();
    },
  });
  const { locks, transact, echoes } = createSharedState(db, around);
  const targets = createDeliveries({
    ...{ db, around, transact, locks, echoes, people, index, learn: deps.learn, isPaused, tell, clock, log, calm },
    ...settings,
    servers: servers.filter(({ name }) => settings.directions.get(name) !== 'source'),
    isPlaying: deps.isPlaying,
    isDryRun: () => settings.dryRun,
    changed: () => {},
  });
  const reading: Reading = {
    ...{ db, around, transact, locks, clocks, index: indexOf(deps), clock, log },
    async refreshPeople(server, signal) {
      const { came } = await people.ask(server, signal);
      if (came.length > 0) bells.get(server.name)?.looks.ring();
      deps.looked?.(server);
    },
  };
  const returned = new Set<string>();
  const looks = createLooks({ ...looksOf(deps, reading), isPaused, tell, hasReturned: (name) => returned.delete(name) });
  const works = (server: SyncedServer, signal: AbortSignal): readonly Promise<void>[] => {
    const bell = bells.get(server.name) ?? { hooks: createBell(clock), looks: createBell(clock) };
    return [
      workInbox({ ...hooksOf(deps, reading), clocks, calm }, server, bell.hooks, signal),
      looks.run(server, bell.looks, signal),
      targets.get(server.name)?.run(signal) ?? Promise.resolve(),
    ];
  };
  return {
    isEcho: echoes.isEcho,
    hookCame: (server) => bells.get(server)?.hooks.ring(),
    lookNow(server, isWhole = false) {
      if (isWhole) returned.add(server);
      bells.get(server)?.looks.ring();
      bells.get(server)?.hooks.ring();
      targets.get(server)?.back();
    },
    async lookAtTold({ server: name, userId }, { itemId, state }, signal) {
      const server = servers.find((one) => one.name === name);
      const person = people.personOf(name, userId);
      if (server === undefined || person === null || isPaused()) return;
      await lookAtTold(reading, server, { place: { server: name, userId, itemId }, person, state }, signal);
    },
    async compareWhole(name, signal) {
      const server = servers.find((one) => one.name === name);
      return server === undefined ? 0 : await looks.whole(server, signal);
    },
    clocks,
    busy: () => [...targets.values()].reduce((sum, target) => sum + target.busy(), 0),
    around,
    async run(signal) {
      const follower = followIndex({ db, around, people, index, log });
      try {
        await Promise.all(servers.flatMap((server) => works(server, signal)));
      } finally {
        follower.stop();
        await follower.settled();
      }
    },
  };
}

/** What hooks and looks share. */
type Reading = ApplyDeps & {
  refreshPeople(server: SyncedServer, signal: AbortSignal): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
};

const hooksOf = (deps: SyncDeps, reading: Reading) => ({
  ...reading,
  inbox: deps.inbox,
  personOf: deps.people.personOf,
  userNamed: deps.people.userNamed,
  itemChanged: (name: string, id: string, gone: boolean, signal: AbortSignal) => itemChanged(deps, { name, id, gone }, signal),
});

const looksOf = (deps: SyncDeps, reading: Reading) => ({
  ...reading,
  quickMs: deps.settings.quickMs,
  fullMs: deps.settings.fullMs,
  usersOf: (name: string) =>
    deps.people
      .all()
      .flatMap(({ person, users }) => users.flatMap((user) => (user.server === name ? [{ userId: user.userId, person }] : []))),
  refreshIndex: (server: SyncedServer, isOld: boolean, signal: AbortSignal) => refreshIndex(deps, server, isOld, signal),
  indexedMs: deps.index.lastBuiltMs,
  hints: deps.hints ?? UNTOLD,
});

const indexOf = ({ index, learn }: SyncDeps): ApplyDeps['index'] => ({
  learn,
  has: (server, itemId) => index.item(server, itemId) !== null,
  async noteGone(server, itemId, signal) {
    try {
      await server.item(itemId, signal);
    } catch (error) {
      if (!(error instanceof ControllerError) || error.code !== 'not_found') throw error;
      await index.forget(server.name, itemId);
    }
  },
});

async function itemChanged(
  { index, learn }: SyncDeps,
  { name, id, gone }: { name: string; id: string; gone: boolean },
  signal: AbortSignal,
): Promise<void> {
  if (gone) await index.forget(name, id);
  else await learn(name, id, signal);
}

/** Where nothing is known of it, it has more or fewer items than it had, or others may have come in their place. */
async function refreshIndex({ index }: SyncDeps, server: SyncedServer, isOld: boolean, signal: AbortSignal): Promise<void> {
  const expected = index.expectedCount(server.name);
  const isKnown = index.lastBuiltMs(server.name) !== null && expected !== null && !isOld;
  if (isKnown && expected === (await server.itemCount(signal))) return;
  await index.refresh(server, signal);
}
