// Reads what somebody played of which no hook came.
import { ControllerError } from '../../errors.ts';
import type { SyncedServer } from '../../neighbours/synced-server.ts';
import type { Hints, Told } from '../missed/hints.ts';
import { alignedMs } from '../state/state-store.ts';
import type { ApplyDeps } from './apply-deps.ts';
import { type ComparedUser, lookAgain } from './compare-user.ts';

export type PlaysDeps = ApplyDeps & {
  readonly hints: Pick<Hints, 'judge'>;
  usersOf(server: string): readonly ComparedUser[];
};

/** `losing`: users whose hooks get lost. */
export type PlaysLooked = { readonly differing: number; readonly losing: ReadonlySet<string> };

/** @throws ControllerError of the server */
export async function lookAtPlays(
  deps: PlaysDeps,
  server: SyncedServer,
  { plays, skewMs }: { readonly plays: Told['plays']; readonly skewMs: number },
  signal: AbortSignal,
): Promise<PlaysLooked> {
  const persons = new Map(deps.usersOf(server.name).map(({ userId, person }) => [userId, person]));
  const losing = new Set<string>();
  let differing = 0;
  for (const play of plays) {
    const { userId, itemId } = play;
    const person = persons.get(userId);
    // Who is not known yet is compared whole anyway.
    if (person === undefined || (await alignedMs(deps.db, server.name, userId)) === null) continue;
    try {
      const looked = await lookAgain(deps, server, { place: { server: server.name, userId, itemId }, person }, signal);
      if (looked === null) continue;
      differing += Number(looked.differs);
      if (deps.hints.judge(server.name, play, { found: looked.differs, skewMs })) losing.add(userId);
    } catch (error) {
      // Gone since the list was read.
      if (!(error instanceof ControllerError) || error.code !== 'not_found') throw error;
    }
  }
  return { differing, losing };
}
