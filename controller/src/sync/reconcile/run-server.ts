// All that is asked of one server by itself: who is there, what it has, the first meeting, and looks at what no hook told, until the signal fires.
import type { Clock } from '../../clock.ts';
import { ControllerError, isAbort, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Bell } from '../../neighbours/bell.ts';
import { failureKind } from '../../neighbours/server-failure.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { Telling } from '../happenings.ts';
import type { Hints } from '../missed/hints.ts';
import { backOffMs } from '../state/back-off.ts';
import { wantRefusedAgain } from '../state/queue-store.ts';
import { alignUser, isToAlign } from './align-user.ts';
import type { ApplyDeps } from './apply-deps.ts';
import { type ComparedUser, compareUser } from './compare-user.ts';
import { lookAtPlays } from './look-at-plays.ts';
import { createQuickLook, type QuickLook } from './quick-look.ts';

export type ServerDeps = ApplyDeps & {
  /** @throws ControllerError of the server */
  refreshPeople(server: SyncedServer, signal: AbortSignal): Promise<void>;
  /** Of those who are kept the same. */
  usersOf(server: string): readonly ComparedUser[];
  /** Reads its items whole where they are not known, their number is another, or `isOld`. @throws ControllerError of the server */
  refreshIndex(server: SyncedServer, isOld: boolean, signal: AbortSignal): Promise<void>;
  /** When its items were read last, UTC ms; null: never. */
  indexedMs(server: string): number | null;
  readonly hints: Pick<Hints, 'ask' | 'scanWasRead' | 'judge'>;
  isPaused(): boolean;
  /** It was silent since this was asked last: hooks may have been missed. */
  hasReturned(server: string): boolean;
  readonly tell: Telling;
  readonly quickMs: number;
  readonly fullMs: number;
  readonly clock: Clock;
  readonly log: Log;
};

/** `whole`: at everything. `back`: likewise, since somebody was away; but first at what is found soon. */
type Look = 'quick' | 'whole' | 'back';

export type Looks = {
  /** Until the signal fires. Never rejects. */
  run(server: SyncedServer, bell: Bell, signal: AbortSignal): Promise<void>;
  /** At everything; answers with how many items had something that nobody had told of. @throws ControllerError of the server */
  whole(server: SyncedServer, signal: AbortSignal): Promise<number>;
};

type LookDeps = ServerDeps & {
  readonly quickLook: QuickLook;
  /** By server and user, when everything of theirs was compared last, UTC ms. */
  readonly comparedMs: Map<string, number>;
  /** Whose hooks got lost and who is to be compared whole for it; and when that was done last. */
  readonly owed: Set<string>;
  readonly paidMs: Map<string, number>;
};

export function createLooks(given: ServerDeps): Looks {
  const memory = { comparedMs: new Map<string, number>(), owed: new Set<string>(), paidMs: new Map<string, number>() };
  const deps = { ...given, quickLook: createQuickLook(given), ...memory };
  return {
    run: (server, bell, signal) => runServer(deps, server, bell, signal),
    whole: (server, signal) => lookOnce(deps, server, 'whole', signal),
  };
}

async function runServer(deps: LookDeps, server: SyncedServer, bell: Bell, signal: AbortSignal): Promise<void> {
  const { clock, log } = deps;
  // What was taken back while we did not hear may be in no cheap look: the first one, and the first after a silence, is at everything.
  let [failures, fullAtMs, wasAway] = [0, clock.now(), true];
  while (!signal.aborted) {
    try {
      wasAway = deps.hasReturned(server.name) || wasAway;
      const isFull = wasAway || clock.now() >= fullAtMs;
      const isPaused = deps.isPaused();
      if (!isPaused) await lookOnce(deps, server, wasAway ? 'back' : isFull ? 'whole' : 'quick', signal);
      if (isFull) fullAtMs = clock.now() + deps.fullMs;
      if (failures > 0) log.info({ server: server.name }, 'sync: the server is compared again');
      // Who did not look was away as well.
      [failures, wasAway] = [0, isPaused];
      await bell.wait(deps.quickMs, signal);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      failures += 1;
      wasAway = true;
      const isAway = failureKind(error) !== 'failed';
      if (isAway) deps.tell.heard(server.name, messageOf(error));
      // Who is away is told as an event already, which is a line of its own.
      if (failures === 1 && !isAway)
        log.warn({ server: server.name, error: messageOf(error) }, 'sync: the server cannot be compared');
      // Whoever says that it is back ends this as well.
      await bell.wait(backOffMs(failures), signal).catch(() => {});
    }
  }
}

async function lookOnce(deps: LookDeps, server: SyncedServer, look: Look, signal: AbortSignal): Promise<number> {
  const { hints, clocks, db, around, clock } = deps;
  await askWhoIsThere(deps, server, signal);
  const skewMs = clocks.skew(server.name)?.ms ?? 0;
  const told = await hints.ask(server.name, { isBack: look === 'back', skewMs }, signal);
  // What somebody played while nobody heard is on the other servers first.
  const { losing, ...played } = await lookAtPlays(deps, server, { plays: told.plays, skewMs }, signal);
  await deps.refreshIndex(server, told.scanEndMs !== null || (look !== 'quick' && isIndexOld(deps, server.name)), signal);
  if (told.scanEndMs !== null) await hints.scanWasRead(server.name, told.scanEndMs);
  for (const userId of losing) deps.owed.add(keyOf(server.name, { userId }));
  let differing = played.differing;
  const beganMs = clock.now();
  for (const round of look === 'back' ? (['quick', 'whole'] as const) : [look])
    for (const user of deps.usersOf(server.name)) {
      // Who was just met, or compared since hooks were missed.
      if (look === 'back' && comparedSince(deps, server.name, user, beganMs)) continue;
      const isWhole = round === 'whole' || isOwed(deps, server.name, user);
      differing += await whileThere(() => lookAt(deps, server, { user, isWhole }, signal));
    }
  if (look !== 'quick' && (await wantRefusedAgain(db, server.name, clock.now()))) around.wake([server.name]);
  return differing;
}

/** Whoever cannot say who is there is not there, whatever is answered instead. */
async function askWhoIsThere({ refreshPeople, tell }: LookDeps, server: SyncedServer, signal: AbortSignal): Promise<void> {
  try {
    await refreshPeople(server, signal);
  } catch (error) {
    if (error instanceof ControllerError && error.code !== 'storage_failed') tell.heard(server.name, messageOf(error));
    throw error;
  }
  tell.heard(server.name, null);
}

/** What replaced something else leaves the number of items as it was. */
const isIndexOld = ({ clock, fullMs, indexedMs }: LookDeps, server: string): boolean =>
  clock.now() - (indexedMs(server) ?? clock.now()) >= fullMs;

/** Whoever's hooks get lost is compared whole, but not for each of them. */
const COMPARED_EACH_MS = 900_000;

const keyOf = (server: string, { userId }: Pick<ComparedUser, 'userId'>): string => `${server} ${userId}`;

const comparedSince = ({ comparedMs }: LookDeps, server: string, user: ComparedUser, sinceMs: number): boolean =>
  (comparedMs.get(keyOf(server, user)) ?? Number.NEGATIVE_INFINITY) >= sinceMs;

const isOwed = ({ owed, paidMs, clock }: LookDeps, server: string, user: ComparedUser): boolean =>
  owed.has(keyOf(server, user)) &&
  clock.now() - (paidMs.get(keyOf(server, user)) ?? Number.NEGATIVE_INFINITY) >= COMPARED_EACH_MS;

/** 0 for a user who is gone since the list was read. */
async function whileThere(look: () => Promise<number>): Promise<number> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof ControllerError && error.code === 'not_found') return 0;
    throw error;
  }
}

async function lookAt(
  deps: LookDeps,
  server: SyncedServer,
  { user, isWhole }: { user: ComparedUser; isWhole: boolean },
  signal: AbortSignal,
): Promise<number> {
  const { log, db, comparedMs, owed, paidMs, clock } = deps;
  const key = keyOf(server.name, user);
  if (await isToAlign(db, server.name, user.userId)) {
    const { touched, joined } = await alignUser(deps, server, user, signal);
    comparedMs.set(key, clock.now());
    log.info({ server: server.name, person: user.person, touched, joined }, 'sync: a user was compared whole for the first time');
    deps.tell.happened({ kind: 'met', server: server.name, person: user.person, touched, joined });
    return 0;
  }
  const differing = isWhole
    ? (await compareUser(deps, server, { user, scan: 'all' }, signal)).differing
    : await deps.quickLook(server, user, signal);
  if (isWhole) comparedMs.set(key, clock.now());
  if (isWhole && owed.delete(key)) paidMs.set(key, clock.now());
  if (differing > 0) log.info({ server: server.name, person: user.person, differing }, 'sync: states that nobody had told of');
  return differing;
}
