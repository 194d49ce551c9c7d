// One user's limit: read the whole policy, change one field, write it, read it back.
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import type { DecideLimit, LimitChange } from '../neighbours/limit-change.ts';
import { createTurns, type Turns } from '../neighbours/turns.ts';
import type { JellyfinClient, UserWithPolicy } from './jellyfin-client.ts';
import { checkLimit, standingLimit } from './limit-value.ts';

export type LimitClient = Pick<JellyfinClient, 'userWithPolicy' | 'writePolicy'>;
export type ChangeUserLimit = (userId: string, decide: DecideLimit, signal: AbortSignal) => Promise<LimitChange>;

/** Writes in flight on one server: 50 in a row did it no harm, a crowd of parallel ones would be felt by those who watch (21 ms each on 12.0.0). */
const WRITES_AT_ONCE = 4;
/** A policy older than this is read again before it is written: there is no ETag, and a field that somebody changes in between would be undone. */
const FRESH_MS = 50;
/** How often another writer may come in between before it is an error. */
const ATTEMPTS = 3;

const limitOf = (user: UserWithPolicy): number => standingLimit(user.Policy.RemoteClientBitrateLimit);

type Deps = { readonly client: LimitClient; readonly clock: Clock; readonly who: string };

const changeOnce = async ({ client, clock }: Deps, userId: string, decide: DecideLimit, signal: AbortSignal) => {
  const readAt = clock.monotonic();
  let user = await client.userWithPolicy(userId, signal);
  const beforeBps = limitOf(user);
  const wanted = await decide(beforeBps);
  if (wanted === null) return { beforeBps, afterBps: beforeBps, written: false };
  const afterBps = checkLimit(wanted);
  if (afterBps === beforeBps) return { beforeBps, afterBps, written: false };
  signal.throwIfAborted();
  if (clock.monotonic() - readAt > FRESH_MS) {
    user = await client.userWithPolicy(userId, signal);
    // What `decide` was asked about is no longer true: ask again.
    if (limitOf(user) !== beforeBps) return null;
    // Or it may be true, and yet no longer be wanted: Headgate stops.
    if ((await decide(beforeBps)) === null) return { beforeBps, afterBps: beforeBps, written: false };
  }
  await client.writePolicy(userId, { ...user.Policy, RemoteClientBitrateLimit: afterBps }, signal);
  const after = await client.userWithPolicy(userId, signal);
  return limitOf(after) === afterBps ? { beforeBps, afterBps, written: true } : null;
};

/**
 * Makes the one function through which limits are changed on a server: one at a time per user, at most four in flight.
 *
 * Jellyfin takes whole policies and the last writer wins, without any sign to the other. So:
 * - a writer who comes after us wins with its other fields; if its copy held an older limit, the read-back shows that, and all is done again
 *   on top of what it wrote, `decide` included (it may be a hand edit of the limit);
 * - a writer between our read and our write would lose its change: the policy is read again (and `decide` asked again) after 50 ms, which
 *   leaves the time of one request. Nothing that Jellyfin offers closes that rest.
 */
export const createChangeUserLimit = (deps: Deps): ChangeUserLimit => {
  const writes = createTurns(WRITES_AT_ONCE);
  const perUser = new Map<string, Turns>();

  const turnsOf = (userId: string): Turns => {
    // Jellyfin takes ids with and without dashes: both are the same user.
    const key = userId.replaceAll('-', '').toLowerCase();
    for (const [other, turns] of perUser) if (turns.idle) perUser.delete(other);
    const turns = perUser.get(key) ?? createTurns(1);
    perUser.set(key, turns);
    return turns;
  };

  const change: ChangeUserLimit = async (userId, decide, signal) => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const done = await changeOnce(deps, userId, decide, signal);
      if (done) return done;
    }
    const text = `${deps.who}: the limit of user ${userId} does not stay as written; another program writes this policy as well`;
    throw new ControllerError('upstream_failed', text);
  };

  return (userId, decide, signal) =>
    turnsOf(userId).take(signal, () => writes.take(signal, () => change(userId, decide, signal)));
};
