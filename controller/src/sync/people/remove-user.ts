// A person who is gone from one server, deleted on the others: after the delay, when somebody said so, and never an administrator or the last one of a server.

import { messageOf } from '../../errors.ts';
import { failureKind } from '../../neighbours/server-failure.ts';
import type { Departure } from './departure-store.ts';
import type { PeopleServer } from './make-user.ts';
import type { PersonUser } from './people.ts';
import { staysBecause } from './plan-users.ts';

export const DELETE_AFTER_MS = 7 * 86_400_000;

export const isDue = (row: Departure, nowMs: number): boolean =>
  row.status === 'pending' && row.confirmed_ms !== null && nowMs >= row.gone_ms + DELETE_AFTER_MS;

export type Removal =
  | { readonly outcome: 'deleted' | 'gone' }
  | { readonly outcome: 'stays'; readonly why: string }
  /** Its server is away, or refuses. */
  | { readonly outcome: 'later'; readonly problem: string };

/** What the server says now counts, not what we knew. Rejects only when the signal fires. */
export async function removeUser(at: PeopleServer, user: PersonUser, signal: AbortSignal): Promise<Removal> {
  try {
    const there = await at.server.users(signal);
    const found = there.find(({ id }) => id === user.userId);
    if (found === undefined) return { outcome: 'gone' };
    // Renamed since: it is somebody else's by now.
    if (found.name.toLowerCase() !== user.name.toLowerCase()) return { outcome: 'stays', why: `is called ${found.name} now` };
    const why = staysBecause(found, there);
    if (why !== null) return { outcome: 'stays', why };
    await at.people.delete(user.userId, signal);
    return { outcome: 'deleted' };
  } catch (error) {
    if (signal.aborted) throw error;
    const problem = failureKind(error) === 'failed' ? messageOf(error) : `${at.server.name} is away`;
    return { outcome: 'later', problem };
  }
}
