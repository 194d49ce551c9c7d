// All that is asked of one server by itself: who is there, what it has, the first meeting, and looks at what no hook told, until the signal fires.
import type { Clock } from '../../clock.ts';
import { ControllerError, isAbort, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Bell } from '../../neighbours/bell.ts';
import { failureKind } from '../../neighbours/server-failure.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { Telling } from '../happenings.ts';
import { backOffMs } from '../state/back-off.ts';
import { alignedMs } from '../state/state-store.ts';
import { alignUser } from './align-user.ts';
import type { ApplyDeps } from './apply-deps.ts';
import { type ComparedUser, compareUser } from './compare-user.ts';
import { quickLook } from './quick-look.ts';

export type ServerDeps = ApplyDeps & {
  /** @throws ControllerError of the server */
  refreshPeople(server: SyncedServer, signal: AbortSignal): Promise<void>;
  /** Of those who are kept the same. */
  usersOf(server: string): readonly ComparedUser[];
  /** Reads its items whole where they are not known, or their number is another. @throws ControllerError of the server */
  refreshIndex(server: SyncedServer, signal: AbortSignal): Promise<void>;
  isPaused(): boolean;
  /** It was silent since this was asked last: hooks may have been missed. */
  hasReturned(server: string): boolean;
  readonly tell: Telling;
  readonly quickMs: number;
  readonly fullMs: number;
  readonly clock: Clock;
  readonly log: Log;
};

export async function runServer(deps: ServerDeps, server: SyncedServer, bell: Bell, signal: AbortSignal): Promise<void> {
  const { clock, log } = deps;
  // What was taken back while we did not hear is in no cheap look: the first one, and the first after a silence, is at everything.
  let [failures, fullAtMs] = [0, clock.now()];
  while (!signal.aborted) {
    try {
      const isFull = deps.hasReturned(server.name) || clock.now() >= fullAtMs;
      if (!deps.isPaused()) await lookOnce(deps, server, isFull, signal);
      if (isFull) fullAtMs = clock.now() + deps.fullMs;
      if (failures > 0) log.info({ server: server.name }, 'sync: the server is compared again');
      failures = 0;
      await bell.wait(deps.quickMs, signal);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      failures += 1;
      fullAtMs = clock.now();
      if (failureKind(error) !== 'failed') deps.tell.heard(server.name, messageOf(error));
      if (failures === 1) log.warn({ server: server.name, error: messageOf(error) }, 'sync: the server cannot be compared');
      // Whoever says that it is back ends this as well.
      await bell.wait(backOffMs(failures), signal).catch(() => {});
    }
  }
}

/** Answers with how many items had something that nobody had told of. @throws ControllerError of the server */
export async function lookOnce(deps: ServerDeps, server: SyncedServer, isFull: boolean, signal: AbortSignal): Promise<number> {
  let differing = 0;
  await deps.refreshPeople(server, signal);
  deps.tell.heard(server.name, null);
  await deps.refreshIndex(server, signal);
  for (const user of deps.usersOf(server.name)) {
    try {
      differing += await lookAt(deps, server, { user, isFull }, signal);
    } catch (error) {
      // Gone since the list was read.
      if (!(error instanceof ControllerError) || error.code !== 'not_found') throw error;
    }
  }
  return differing;
}

async function lookAt(
  deps: ServerDeps,
  server: SyncedServer,
  { user, isFull }: { user: ComparedUser; isFull: boolean },
  signal: AbortSignal,
): Promise<number> {
  const { log, db } = deps;
  if ((await alignedMs(db, server.name, user.userId)) === null) {
    const { touched, joined } = await alignUser(deps, server, user, signal);
    log.info({ server: server.name, person: user.person, touched, joined }, 'sync: a user was compared whole for the first time');
    deps.tell.happened({ kind: 'met', server: server.name, person: user.person, touched, joined });
    return 0;
  }
  const differing = isFull
    ? (await compareUser(deps, server, { user, scan: 'all' }, signal)).differing
    : await quickLook(deps, server, user, signal);
  if (differing > 0) log.info({ server: server.name, person: user.person, differing }, 'sync: states that nobody had told of');
  return differing;
}
